// Warns when the monthly cost reaches a threshold. Cost data is hours old, so alerts.bicep also counts messages.

param amount int

@description('First day of the month in which counting starts, as yyyy-MM-dd. Azure refuses to change it, and refuses a past month for a new budget')
param firstDay string

@description('Email address that receives the warnings; if empty, the owners of the resource group receive them')
param mailTo string

var addresses = empty(mailTo) ? [] : [mailTo]

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
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
