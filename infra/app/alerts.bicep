// The alert rules. They query the Log Analytics workspace, where every run of a function is one row in AppRequests.

param name string
param location string
param tags { *: string }

@description('Log Analytics workspace that the rules query')
param logsId string

@description('Email address that receives the alerts; if empty, alerts appear in the portal only')
param mailTo string
@description('Messages sent in one hour above which an alert is raised')
param deliveriesPerHour int

var rules = [
  {
    name: 'sending-fails'
    title: 'Messages are not sent'
    why: 'Five runs of `deliver` failed within 15 minutes. Check Communication Services, its quota and the storage account.'
    query: 'AppRequests | where Name == "deliver" and Success == false'
    severity: 1
    window: 'PT15M'
    every: 'PT5M'
    operator: 'GreaterThanOrEqual'
    threshold: 5
  }
  {
    name: 'messages-lost'
    title: 'A message was given up'
    why: 'A message could not be read, or failed five times and was moved to a poison queue. See docs/operations.md, The poison queues.'
    query: 'AppTraces | where Message startswith "audit deliver:message:lost" or Message startswith "audit queue:message:discarded" or Message startswith "Message has reached MaxDequeueCount"'
    severity: 1
    window: 'PT15M'
    every: 'PT5M'
    operator: 'GreaterThanOrEqual'
    threshold: 1
  }
  {
    name: 'notices-given-up'
    title: 'A person was not told'
    why: 'No provider took a security notice for a day. See docs/operations.md, Notices that were given up.'
    query: 'AppTraces | where Message startswith "audit deliver:notice:given_up"'
    severity: 1
    window: 'PT15M'
    every: 'PT5M'
    operator: 'GreaterThanOrEqual'
    threshold: 1
  }
  {
    name: 'change-stopped'
    title: 'A person reported a change as not theirs'
    why: 'Somebody entered the code from a notice. Self-service is stopped for this account until an administrator looks. See docs/operations.md, Unblock a person.'
    query: 'AppTraces | where Message startswith "audit method:change:stopped"'
    severity: 1
    window: 'PT15M'
    every: 'PT5M'
    operator: 'GreaterThanOrEqual'
    threshold: 1
  }
  {
    name: 'refusals-spike'
    title: 'Many wrong answers, or many lockouts'
    why: '200 requests were refused or limited within 15 minutes. Somebody may be guessing codes or passwords, or locking people out.'
    query: 'AppRequests | where Name in ("session_start", "reset_start", "reset_challenge", "reset_verify", "reset_complete", "me_method_confirm") and ResultCode in ("401", "403", "429")'
    severity: 2
    window: 'PT15M'
    every: 'PT5M'
    operator: 'GreaterThanOrEqual'
    threshold: 200
  }
  {
    name: 'suspensions-spike'
    title: 'Methods are suspended'
    why: 'Ten methods were suspended within one hour because of wrong answers. Somebody may be guessing the codes of many people.'
    query: 'AppTraces | where Message startswith "audit method:contact:suspended"'
    severity: 1
    window: 'PT1H'
    every: 'PT15M'
    operator: 'GreaterThanOrEqual'
    threshold: 10
  }
  {
    name: 'sending-spikes'
    title: 'Many messages are sent'
    why: 'More messages than expected were sent in one hour. Somebody may be sending texts at your cost (SMS pumping).'
    query: 'AppRequests | where Name == "deliver" and Success == true'
    severity: 1
    window: 'PT1H'
    every: 'PT15M'
    operator: 'GreaterThanOrEqual'
    threshold: deliveriesPerHour
  }
  {
    name: 'requests-fail'
    title: 'Requests fail'
    why: 'Twenty responses with a 5xx status within 15 minutes.'
    query: 'AppRequests | where ResultCode startswith "5"'
    severity: 1
    window: 'PT15M'
    every: 'PT5M'
    operator: 'GreaterThanOrEqual'
    threshold: 20
  }
  {
    name: 'reminders-missed'
    title: 'The reminder timer does not run'
    why: '`remind` has not succeeded for six hours. It runs every hour unless SESAME_REMIND_SCHEDULE changes it.'
    query: 'AppRequests | where Name == "remind" and Success == true'
    severity: 2
    window: 'PT6H'
    every: 'PT1H'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'sweep-missed'
    title: 'The sweep timer does not run'
    why: '`sweep` has not succeeded for two hours. It runs every five minutes. Poison queues are not emptied.'
    query: 'AppRequests | where Name == "sweep" and Success == true'
    severity: 2
    window: 'PT2H'
    every: 'PT30M'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'purge-missed'
    title: 'The purge timer does not run'
    why: '`purge` has not succeeded for two days. Expired data is not being deleted.'
    query: 'AppRequests | where Name == "purge" and Success == true'
    severity: 2
    window: 'P2D'
    every: 'PT6H'
    operator: 'LessThan'
    threshold: 1
  }
]

var mailReceiver = {
  name: 'operator'
  emailAddress: mailTo
  useCommonAlertSchema: true
}

resource receivers 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'sesame'
    enabled: true
    emailReceivers: empty(mailTo) ? [] : [mailReceiver]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for rule in rules: {
    name: 'sesame-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Sésame: ${rule.title}'
      description: rule.why
      severity: rule.severity
      enabled: true
      scopes: [logsId]
      evaluationFrequency: rule.every
      windowSize: rule.window
      // Before the first request the log tables do not exist, and query validation would fail the deployment.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: { actionGroups: [receivers.id] }
    }
  }
]
