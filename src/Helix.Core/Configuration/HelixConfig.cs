using System.Collections.Immutable;
using Helix.Core.Gateway;

namespace Helix.Core.Configuration;

/// <summary>The configuration, known to be good: only the parser beside this file makes one from text.</summary>
internal sealed record HelixConfig(
    AutoManagerConfig AutoManager,
    HealthConfig Health,
    PerformanceConfig Performance,
    SecurityConfig Security,
    ProvidersConfig Providers,
    GatewayConfig Gateway,
    NetworkConfig Network,
    SourcesConfig Sources,
    BuiltinConfig Builtin,
    HardwareConfig Hardware,
    ResourcesConfig Resources,
    UpdatesConfig Updates)
{
    public BackupConfig Backup { get; init; } = new();

    public CleanupConfig Cleanup { get; init; } = new();

    public CloudConfig Cloud { get; init; } = new();

    public TelemetryConfig Telemetry { get; init; } = new();

    public LoggingConfig Logging { get; init; } = new();

    public AlertsConfig Alerts { get; init; } = new();

    public static HelixConfig Default { get; } = new(new(), new(), new(), new(), new(), new(), new(), new(), new(), new(), new(), new());
}

internal sealed record AutoManagerConfig(
    string Mode = "zero_touch",
    bool AutoDiscover = true,
    bool AutoInstall = true,
    bool AutoConfigure = true,
    bool AutoStart = true,
    bool AutoMonitor = true,
    bool AutoUpdate = true);

/// <param name="CheckInterval">Seconds between two looks at a healthy instance.</param>
/// <param name="MaxRetries">Restarts before a provider counts as critical; it is tried again, slower, all the same.</param>
/// <param name="RetryDelay">Seconds before the second restart; the first is immediate, later ones wait longer.</param>
internal sealed record HealthConfig(int CheckInterval = 30, bool AutoRecovery = true, int MaxRetries = 3, int RetryDelay = 5);

/// <param name="CacheResponses">Answer what was answered before, and would be answered alike, from memory.</param>
/// <param name="CacheMegabytes">MiB of answers that are kept.</param>
/// <param name="CacheSeconds">That an answer is kept.</param>
/// <param name="CacheRedis">Address of a Redis server at which other nodes find answers too; null for none.</param>
/// <param name="CacheRedisPassword">Path of a file with its password; null for none.</param>
/// <param name="SemanticCache">Requests without a key may be answered with what was answered to other words that mean the same; of keys, each says so itself.</param>
/// <param name="SemanticCacheModel">Whose vectors tell what means the same; null for one that is ready and made for that.</param>
/// <param name="SemanticCacheThreshold">How near two questions must be, as the cosine between their vectors.</param>
/// <param name="Hedge">Ask a second engine where a short request takes unusually long to begin.</param>
internal sealed record PerformanceConfig(
    bool AutoOptimize = true,
    bool LoadBalance = true,
    bool CacheResponses = true,
    bool PredictScaling = true,
    ImmutableDictionary<string, double>? Weights = null,
    int CacheMegabytes = 64,
    int CacheSeconds = 86_400,
    bool Hedge = false,
    string? CacheRedis = null,
    string? CacheRedisPassword = null,
    bool SemanticCache = false,
    string? SemanticCacheModel = null,
    double SemanticCacheThreshold = 0.97);

/// <param name="RequireKey">Ask for a key on loopback too; any other address asks for one always.</param>
/// <param name="Watch">Look every ten minutes whether all of it still holds.</param>
/// <param name="Advisories">Where newer lists of known vulnerabilities come from; null: none are fetched.</param>
/// <param name="AdvisoriesKey">A file with the public key that those lists are signed with; null: none is taken.</param>
internal sealed record SecurityConfig(
    bool AutoSandbox = true, bool MinPrivileges = true, bool NetworkIsolation = true, bool ResourceLimits = true, bool RequireKey = false,
    bool Watch = true, string? Advisories = null, string? AdvisoriesKey = null);

/// <param name="Enabled">Ids of the providers that may run; null means all of them.</param>
internal sealed record ProvidersConfig(ImmutableArray<string>? Enabled = null)
{
    public bool Allows(string id) => Enabled is not { } ids || ids.Contains(id, StringComparer.Ordinal);
}

/// <param name="Listen">IP address on which the gateway listens.</param>
/// <param name="Port">Wanted port; when somebody else has it, the next free one is taken.</param>
/// <param name="MaxBodyMegabytes">Largest accepted request body, in MiB.</param>
/// <param name="ModelDeadline">Seconds that a request waits for a model that is on its way.</param>
/// <param name="AllowedHosts">Further host names under which clients may address the gateway.</param>
/// <param name="FirstTokenDeadline">Seconds until a stream has to begin where another backend could be asked instead; 0: never.</param>
/// <param name="StallDeadline">Seconds that a stream may pause once it has begun; 0: for ever.</param>
/// <param name="MaxWaiting">Requests that may wait for a place before the engines of one model.</param>
/// <param name="QueueDeadline">Who is likely to wait for longer than so many seconds for a place is refused at once.</param>
/// <param name="ContinueStreams">A stream whose engine dies goes on at another, where that can be done, without its client asking for it.</param>
/// <param name="Aliases">Names for models, and for those that are asked where they cannot answer; null for none.</param>
/// <param name="MonitorPort">Of loopback, where the dashboard is open besides; 0: nowhere.</param>
/// <param name="Capture">What is asked and answered is kept on disk, redacted.</param>
/// <param name="CaptureMegabytes">MiB of it that are kept.</param>
/// <param name="CaptureDays">Days for which it is.</param>
/// <param name="Licences">Of models that may be asked; null: any.</param>
/// <param name="EnergyPrice">US dollars for a kilowatt-hour; null: what engines here draw costs nothing.</param>
/// <param name="EnergyWatts">By a provider's id, what one of its engines draws while it answers; null: nobody says.</param>
internal sealed record GatewayConfig(
    string Listen = "127.0.0.1",
    int Port = 4359,
    int MaxBodyMegabytes = 32,
    int ModelDeadline = 120,
    ImmutableArray<string>? AllowedHosts = null,
    int FirstTokenDeadline = 120,
    int StallDeadline = 300,
    int MaxWaiting = 500,
    int QueueDeadline = 30,
    bool ContinueStreams = false,
    ImmutableDictionary<string, ModelAlias>? Aliases = null,
    int MonitorPort = 0,
    bool Capture = false,
    int CaptureMegabytes = 16,
    int CaptureDays = 7,
    ImmutableArray<string>? Licences = null,
    decimal? EnergyPrice = null,
    ImmutableDictionary<string, double>? EnergyWatts = null);

/// <param name="DailyBudget">US dollars that may be spent on clouds in one day of UTC.</param>
/// <param name="KeyBudget">The same for each key; null: only the other counts.</param>
/// <param name="Prices">Each like <c>ID/MODEL=IN/OUT</c>: what helix does not know, or what is another.</param>
/// <param name="Instead">Each like <c>MODEL=ID/MODEL</c>: which cloud's model may answer in place of another.</param>
/// <param name="AfterSeconds">Where that one is likely to keep its client waiting for longer, or did; null: never.</param>
/// <param name="PrivateModels">Names of models of which nothing goes to a cloud.</param>
internal sealed record CloudConfig(
    decimal DailyBudget = 5,
    decimal? KeyBudget = null,
    ImmutableArray<string>? Prices = null,
    ImmutableArray<string>? Instead = null,
    int? AfterSeconds = null,
    ImmutableArray<string>? PrivateModels = null);

/// <param name="Offline">Fetch nothing, and ask no cloud, ever.</param>
/// <param name="HubEndpoint">Base address of the model hub or its mirror; the environment's <c>HF_ENDPOINT</c> goes first.</param>
internal sealed record NetworkConfig(bool Offline = false, string HubEndpoint = "https://huggingface.co");

/// <param name="Mirrors">Each <c>ADDRESS=MIRROR</c>: what to ask instead of an address that begins so.</param>
internal sealed record SourcesConfig(ImmutableArray<string>? Mirrors = null);

/// <param name="Override">A file that describes the machine to be planned for; null means the one at hand.</param>
internal sealed record HardwareConfig(string? Override = null);

/// <param name="DiskBudget">10^9 bytes that releases and their downloads may take together; 0 means half of what is free without them.</param>
internal sealed record ResourcesConfig(int DiskBudget = 0);

/// <param name="QuarantineDays">Days for which a new version is left to others.</param>
/// <param name="Window">When updates may be installed, in UTC: see <see cref="Helix.Core.Updates.MaintenanceWindow"/>; null means always.</param>
/// <param name="WatchMinutes">For so long a new release goes back for a second fault, or for more failed requests than before.</param>
/// <param name="Slowdown">Percent by which a new release may be slower than the one before.</param>
/// <param name="OfHelix">helix brings itself to newer versions, too.</param>
/// <param name="KeyOfHelix">Path of the public key with which its archives must be signed; null for none.</param>
internal sealed record UpdatesConfig(int QuarantineDays = 3, string? Window = null, int WatchMinutes = 10, int Slowdown = 30, bool OfHelix = true, string? KeyOfHelix = null);

/// <param name="Threads">Compute threads of the built-in engine; 0 means cores − 1, at least 1.</param>
/// <param name="Slots">Requests that one model answers at the same time.</param>
/// <param name="Context">Tokens of context per slot; 0 means what the model was trained for, at most 8192.</param>
/// <param name="Model">Id of the model that <c>auto</c> means; null lets helix choose.</param>
/// <param name="Device">What computes: a value of <see cref="Hardware.DeviceWish"/>.</param>
internal sealed record BuiltinConfig(int Threads = 0, int Slots = 4, int Context = 0, string? Model = null, string Device = Hardware.DeviceWish.Auto);

/// <param name="KeepDaily">Days of which the newest backup is kept; in the same way weeks and months.</param>
/// <param name="KeyFile">Path of a file with the key with which each backup is encrypted; null for none.</param>
/// <param name="SecondPlace">Folder to which each backup is copied; null for none.</param>
/// <param name="Command">Run after each backup, without a shell; <c>{file}</c> stands for its path. Null for none.</param>
internal sealed record BackupConfig(
    bool Enabled = true, int KeepDaily = 7, int KeepWeekly = 4, int KeepMonthly = 6, string? KeyFile = null, string? SecondPlace = null, ImmutableArray<string>? Command = null);

/// <param name="Enabled">Once a day, and where the disk is nearly full, what nobody needs is thrown away.</param>
/// <param name="LogMegabytes">10^6 bytes that one log may grow to.</param>
/// <param name="MinFreePercent">Of the disk; with less, there is little room.</param>
/// <param name="MinFreeGb">10^9 bytes; with less, there is little room.</param>
internal sealed record CleanupConfig(bool Enabled = true, int LogMegabytes = 20, int MinFreePercent = 5, int MinFreeGb = 2);

/// <param name="OtlpEndpoint">Base address of the collector to which all metrics, spans of requests, and the log of helix are sent; null: they are sent nowhere.</param>
internal sealed record TelemetryConfig(string? OtlpEndpoint = null);

/// <param name="Format">Of the lines of helix's own log.</param>
internal sealed record LoggingConfig(string Format = LoggingConfig.Text)
{
    public const string Text = "text", Json = "json";

    public bool IsJson => Format == Json;
}

/// <param name="QuietHours">By severity, hours of the day (UTC) in which nobody is told; null for none.</param>
/// <param name="Maintenance">Hours of days in which nobody is told of anything; null for none.</param>
/// <param name="EscalateMinutes">An error that nobody acknowledged for so long is critical; 0: never.</param>
/// <param name="WebSeverity">The web is told of this severity, or a worse one; in the same way the command line.</param>
/// <param name="WebHourly">Messages within an hour; in the same way for the command line.</param>
/// <param name="Desktop">What the command line is told is shown on the desktop, too, where there is one.</param>
/// <param name="EmailSeverity">As for the web, once that channel is set up; in the same way the others.</param>
internal sealed record AlertsConfig(
    ImmutableDictionary<string, string>? QuietHours = null,
    ImmutableArray<string>? Maintenance = null,
    int EscalateMinutes = 30,
    string WebSeverity = "info",
    int WebHourly = 60,
    string CommandLineSeverity = "error",
    int CommandLineHourly = 30,
    bool Desktop = true,
    string EmailSeverity = "error",
    int EmailHourly = 12,
    string SlackSeverity = "warning",
    int SlackHourly = 30,
    string DiscordSeverity = "warning",
    int DiscordHourly = 30,
    string WebhookSeverity = "info",
    int WebhookHourly = 60);
