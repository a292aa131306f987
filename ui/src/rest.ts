// All that the first look does not need: see later.ts

// what both need is in one file then, with main.tsx, and not in two
import './main.tsx'

export { Alerts } from './panels/alerts.tsx'
export { Automations } from './panels/automation.tsx'
export { Health } from './panels/health.tsx'
export { History } from './panels/history.tsx'
export { Logs } from './panels/logs.tsx'
export { Models } from './panels/models.tsx'
export { PerformanceCard } from './panels/performance.tsx'
export { Playground } from './panels/playground.tsx'
export { ProviderPage } from './panels/provider.tsx'
export { Resources } from './panels/resources.tsx'
export { Routing } from './panels/routing.tsx'
export { SettingsPage } from './panels/settings.tsx'
export { Throughput } from './panels/throughput.tsx'
export { askForPlots } from './parts/chart.tsx'
