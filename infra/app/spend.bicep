// Warns when the month becomes dear. The bill lags behind by hours: alerts.bicep watches the number of messages.

param amount int

@description('First day of a month')
param firstDay string

@description('Address to warn; without one the owners of the group are')
param mailTo string

var addresses = empty(mailTo) ? [] : [mailTo]

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: 'sesame'
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: firstDay }
    notifications: {
      half: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 50
        thresholdType: 'Actual'
        contactEmails: addresses
        contactRoles: ['Owner']
      }
      most: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: addresses
        contactRoles: ['Owner']
      }
      all: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: addresses
        contactRoles: ['Owner']
      }
    }
  }
}
