// The alert rules. They query the Log Analytics workspace, where every run of a function is one row in AppRequests, and
// every line that the service logs one in AppTraces. host.json samples neither.

param name string
param location string
param tags { *: string }

@description('Log Analytics workspace that the rules query')
param logsId string

@description('Email address that receives the alerts; if empty, alerts appear in the portal only')
param mailTo string
@description('Messages sent in one hour above which an alert is raised')
param deliveriesPerHour int
param remindSchedule string
@description('Logs of one day in GB above which an alert is raised')
param logWarningGb int
@description('Daily cap of the workspace in GB; 0 for none')
param logQuotaGb int

// A rule that is evaluated every 15 minutes costs a third of one that is evaluated every 5.
var every = 'PT15M'

// How long each timer may be silent. The longest window of a rule is two days, and a timer that has never run is not overdue.
var hourly = split(remindSchedule, ' ')[2] == '*'
var overdue = 'case(Name == "sweep", 2h, Name == "remind", ${hourly ? '6h' : '30h'}, 30h)'

var always = [
  {
    name: 'sending-fails'
    title: 'Messages are not sent'
    why: 'The provider refused a message because of the sender, its domain, a right or a quota, or did not answer five times, or twenty addresses could not be reached. The lines "message failed" say which.'
    query: 'AppTraces | where Message startswith "message failed " | extend Fault = tostring(parse_json(substring(Message, 15)).fault) | summarize Installation = countif(Fault == "installation"), Provider = countif(Fault == "provider"), Address = countif(Fault == "address") | where Installation >= 1 or Provider >= 5 or Address >= 20'
    severity: 1
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'messages-lost'
    title: 'A message was given up'
    why: 'A message could not be read, or failed five times and was moved to a poison queue. See docs/operations.md, The poison queues.'
    query: 'AppTraces | where Message startswith "audit deliver:message:lost" or Message startswith "audit queue:message:discarded" or Message startswith "an audit message was lost" or Message startswith "Message has reached MaxDequeueCount"'
    severity: 1
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'notices-given-up'
    title: 'A person was not told'
    why: 'No provider took a security notice for a day. See docs/operations.md, Alerts.'
    query: 'AppTraces | where Message startswith "audit deliver:notice:given_up"'
    severity: 1
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'change-stopped'
    title: 'A person reported a change as not theirs'
    why: 'Somebody entered the code from a notice. Self-service is stopped for this account until an administrator looks. See docs/operations.md, Unblock a person.'
    query: 'AppTraces | where Message startswith "audit method:change:stopped"'
    severity: 1
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'wrong-answers'
    title: 'Everybody must solve the bot check'
    why: 'There are too many wrong answers in the whole installation. Somebody may be guessing the codes or passwords of many people.'
    query: 'AppTraces | where Message startswith "alarm breaker"'
    severity: 1
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'many-names'
    title: 'One client fails for many names'
    why: 'Somebody may be trying a few passwords or codes on many accounts.'
    query: 'AppTraces | where Message startswith "alarm many_names"'
    severity: 2
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'texts-unused'
    title: 'Texted codes are not entered'
    why: 'Few of the codes that were sent by text message came back. Somebody may be sending texts at your cost (SMS pumping), or the texts do not arrive.'
    query: 'AppTraces | where Message startswith "alarm conversion"'
    severity: 1
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'refusals-spike'
    title: 'Many wrong answers, or many lockouts'
    why: '200 requests were refused or limited within 15 minutes. Somebody may be guessing codes or passwords, or locking people out.'
    query: 'AppRequests | where Name in ("session_start", "reset_start", "reset_challenge", "reset_verify", "reset_complete", "me_method_confirm") and ResultCode in ("401", "403", "429")'
    severity: 2
    window: 'PT15M'
    threshold: 200
  }
  {
    name: 'suspensions-spike'
    title: 'Methods are suspended'
    why: 'Ten methods were suspended within one hour because of wrong answers. Somebody may be guessing the codes of many people.'
    query: 'AppTraces | where Message startswith "audit method:contact:suspended"'
    severity: 1
    window: 'PT1H'
    threshold: 10
  }
  {
    name: 'sending-spikes'
    title: 'Many messages are sent'
    why: 'More messages than expected were sent in one hour. Somebody may be sending texts at your cost (SMS pumping).'
    query: 'AppTraces | where Message startswith "message sent "'
    severity: 1
    window: 'PT1H'
    threshold: deliveriesPerHour
  }
  {
    name: 'requests-fail'
    title: 'Requests fail'
    why: 'The service answered twenty requests with a 5xx status within 15 minutes, or its settings are not valid, or the host killed its process. What never reached the service is not counted: a stranger can cause that.'
    query: 'union (AppTraces | where Message startswith "answered 5" | project Weight = 1), (AppTraces | where Message startswith "the settings are not valid" | project Weight = 20), (AppExceptions | where ExceptionType has_any ("FunctionTimeoutException", "WorkerProcessExitException") | project Weight = 20) | summarize Weight = sum(Weight) | where Weight >= 20'
    severity: 1
    window: 'PT15M'
    threshold: 1
  }
  {
    name: 'timers-overdue'
    title: 'A timer does not run'
    why: 'A timer that has run in the last two days is overdue: `sweep` for two hours, `remind` for six hours (30 where it does not run every hour), `purge` for 30 hours.'
    query: 'AppRequests | where Name in ("sweep", "remind", "purge") and Success == true | summarize Last = max(TimeGenerated) by Name | where now() - Last > ${overdue}'
    severity: 2
    window: 'P2D'
    threshold: 1
  }
  {
    name: 'work-left-over'
    title: 'A timer cannot finish its work'
    why: 'The purge left something, or the sweep did so six times within a day: expired data is kept, or messages wait in the poison queues.'
    query: 'AppTraces | where Message endswith "could not be purged" or Message endswith "could not be swept" | summarize Purges = countif(Message endswith "purged"), Sweeps = countif(Message endswith "swept") | where Purges >= 1 or Sweeps >= 6'
    severity: 2
    window: 'P1D'
    threshold: 1
  }
  {
    name: 'logs-grow'
    title: 'Many logs are written'
    why: 'More logs than expected were written in one day. They cost money; somebody may be sending many requests.'
    query: 'Usage | where IsBillable == true | summarize Megabytes = sum(Quantity) | where Megabytes >= ${1000 * logWarningGb}'
    severity: 2
    window: 'P1D'
    threshold: 1
  }
]
var capped = [
  {
    name: 'logs-stopped'
    title: 'Logging has stopped for today'
    why: 'The daily cap of the workspace is reached (LOG_QUOTA_GB). Until it is reset, no other alert can see anything.'
    query: '_LogOperation | where Category =~ "Ingestion" and Detail contains "OverQuota"'
    severity: 1
    window: 'PT1H'
    threshold: 1
  }
]
var rules = concat(always, logQuotaGb > 0 ? capped : [])

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
      evaluationFrequency: every
      windowSize: rule.window
      // Before the first request the log tables do not exist, and query validation would fail the deployment.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThanOrEqual'
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
