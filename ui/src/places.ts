/** Places on the first page. */
export const PANELS = [['providers', 'Providers'], ['performance', 'Performance'], ['throughput', 'Throughput'], ['health', 'Health'], ['alerts', 'Alerts'], ['resources', 'Resources'], ['automation', 'Automation']] as const

export const isPanel = (parts: readonly string[]): boolean => isOneAlert(parts) || (parts.length === 1 && PANELS.some(([id]) => id === parts[0]))

export const isOneAlert = (parts: readonly string[]): boolean => parts.length === 2 && parts[0] === 'alerts'
