// A workbook for operators: use of the service, messages sent, failures.

param location string
param tags { *: string }
param logsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'sesame')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Sésame'
    category: 'workbook'
    sourceId: logsId
    version: 'Notebook/1.0'
    // Each query runs on the resource that the workbook names.
    serializedData: replace(loadTextContent('workbook.json'), 'LOGS', logsId)
  }
}
