using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Clouds;
using Helix.Core.Gateway;
using Helix.Core.Hardware;
using Helix.Core.History;
using static Helix.Core.Configuration.TakesEffect;

namespace Helix.Core.Configuration;

/// <summary>Every setting there is. Parsing, showing, editing and the documents all follow this one table.</summary>
internal static class SettingsTable
{
    /// <summary>A chat needs so much for a question and an answer, in tokens.</summary>
    private const int LeastContext = 256;

    public static ImmutableArray<Setting> All { get; } =
    [
        new("auto_manager.mode", new SettingKind.Choice(["zero_touch", "team", "production", "edge"]), NotYet,
            "How much helix decides by itself, and for whom.",
            c => c.AutoManager.Mode, (c, v) => c with { AutoManager = c.AutoManager with { Mode = v.Text() } }),
        Toggle("auto_manager.auto_discover", Now, "Use the engines that somebody else runs on this machine, where they are found.",
            c => c.AutoManager.AutoDiscover, (c, v) => c with { AutoManager = c.AutoManager with { AutoDiscover = v } }),
        Toggle("auto_manager.auto_install", Now, "Install the providers that can run here, and fetch a chat model where there is none and the engine's build for the graphics card.",
            c => c.AutoManager.AutoInstall, (c, v) => c with { AutoManager = c.AutoManager with { AutoInstall = v } }),
        Toggle("auto_manager.auto_configure", NotYet, "Choose each provider's settings for this hardware.",
            c => c.AutoManager.AutoConfigure, (c, v) => c with { AutoManager = c.AutoManager with { AutoConfigure = v } }),
        Toggle("auto_manager.auto_start", NextStart, "Start what should run when helix starts; false waits for \"helix local-llm start\".",
            c => c.AutoManager.AutoStart, (c, v) => c with { AutoManager = c.AutoManager with { AutoStart = v } }),
        Toggle("auto_manager.auto_monitor", Now, "Keep looking whether everything that runs is healthy; without it, only what ends is noticed.",
            c => c.AutoManager.AutoMonitor, (c, v) => c with { AutoManager = c.AutoManager with { AutoMonitor = v } }),
        Toggle("auto_manager.auto_update", Now, "Install newer releases, and go back where they fail.",
            c => c.AutoManager.AutoUpdate, (c, v) => c with { AutoManager = c.AutoManager with { AutoUpdate = v } }),

        Whole("health.check_interval", 1, 3600, "seconds", Now, "Seconds between two looks at a healthy engine.",
            c => c.Health.CheckInterval, (c, v) => c with { Health = c.Health with { CheckInterval = v } }),
        Toggle("health.auto_recovery", Now, "Restart what crashed or stopped answering.",
            c => c.Health.AutoRecovery, (c, v) => c with { Health = c.Health with { AutoRecovery = v } }),
        Whole("health.max_retries", 0, 100, "restarts", Now, "Restarts before a provider counts as critical; it is tried again, slower, all the same.",
            c => c.Health.MaxRetries, (c, v) => c with { Health = c.Health with { MaxRetries = v } }),
        Whole("health.retry_delay", 0, 3600, "seconds", Now, "Seconds before the second restart; the first is immediate, later ones wait longer.",
            c => c.Health.RetryDelay, (c, v) => c with { Health = c.Health with { RetryDelay = v } }),

        Toggle("performance.auto_optimize", Now, "Every five minutes, while nobody asks, try one change of one engine, and keep it where it is measured to be better.",
            c => c.Performance.AutoOptimize, (c, v) => c with { Performance = c.Performance with { AutoOptimize = v } }),
        Toggle("performance.load_balance", Now, "Spread a model's requests over all that serve it; without it, the others are asked only where the first fails.",
            c => c.Performance.LoadBalance, (c, v) => c with { Performance = c.Performance with { LoadBalance = v } }),
        Toggle("performance.hedge", Now, "Ask a second engine for the same where a short request takes longer to begin than nineteen of twenty do; the first to answer is heard.",
            c => c.Performance.Hedge, (c, v) => c with { Performance = c.Performance with { Hedge = v } }),
        Toggle("performance.cache_responses", Now, "Answer a request from memory that was answered before and would be answered alike: at temperature 0, with a seed, or for embeddings.",
            c => c.Performance.CacheResponses, (c, v) => c with { Performance = c.Performance with { CacheResponses = v } }),
        Whole("performance.cache_megabytes", 1, 1_000_000, "MiB", NextStart, "MiB of answers that are kept in memory.",
            c => c.Performance.CacheMegabytes, (c, v) => c with { Performance = c.Performance with { CacheMegabytes = v } }),
        Whole("performance.cache_seconds", 1, 31_536_000, "seconds", Now, "Seconds that an answer is kept.",
            c => c.Performance.CacheSeconds, (c, v) => c with { Performance = c.Performance with { CacheSeconds = v } }),
        new("performance.cache_redis", new SettingKind.Text("a host and a port like redis.example:6379", Words.RefuseHostAndPort), Now,
            "A Redis server at which other helix daemons find the answers too; without it, each keeps its own.",
            c => c.Performance.CacheRedis, (c, v) => c with { Performance = c.Performance with { CacheRedis = v?.Text() } }),
        new("performance.cache_redis_password", new SettingKind.Text("the whole path of a file", Words.RefusePath), NextStart,
            "A file with the password of that server.",
            c => c.Performance.CacheRedisPassword, (c, v) => c with { Performance = c.Performance with { CacheRedisPassword = v?.Text() } }),
        Toggle("performance.semantic_cache", Now, "Requests without a key may get answers from memory that were given to others which mean the same; of keys, those made with --semantic-cache may.",
            c => c.Performance.SemanticCache, (c, v) => c with { Performance = c.Performance with { SemanticCache = v } }),
        new("performance.semantic_cache_model", new SettingKind.Text("the id of a model that makes embeddings", Words.RefuseModel), Now,
            "The model that tells which questions mean the same; it is woken where it sleeps. Without it, one that is ready on this machine and makes nothing but embeddings.",
            c => c.Performance.SemanticCacheModel, (c, v) => c with { Performance = c.Performance with { SemanticCacheModel = v?.Text() } }),
        new("performance.semantic_cache_threshold", new SettingKind.Amount(0.8m, 1, "cosine similarity"), Now,
            "How near two questions must be to mean the same.",
            c => c.Performance.SemanticCacheThreshold, (c, v) => c with { Performance = c.Performance with { SemanticCacheThreshold = SettingKind.NumberOf(v!) } }),
        Toggle("performance.predict_scaling", Now, "Start models a little before the hours at which they are usually asked for.",
            c => c.Performance.PredictScaling, (c, v) => c with { Performance = c.Performance with { PredictScaling = v } }),
        new("performance.weights", new SettingKind.Numbers("names with a number from 0 to 1000000", "{\"response_time\": 0.5, \"throughput\": 0.5}", Words.RefuseWeight), Now,
            "What counts how much when a backend is chosen: \"response_time\", until the first token, \"throughput\", from there to the end, and \"cost\", where a US cent counts as a second if all are equal. Named, cost decides between engines here and clouds, too.",
            c => Json(c.Performance.Weights), (c, v) => c with { Performance = c.Performance with { Weights = v.Numbers() } }),

        Toggle("security.auto_sandbox", Now, "Run engines in a sandbox.",
            c => c.Security.AutoSandbox, (c, v) => c with { Security = c.Security with { AutoSandbox = v } }),
        Toggle("security.min_privileges", Now, "Take away every privilege that an engine does not need.",
            c => c.Security.MinPrivileges, (c, v) => c with { Security = c.Security with { MinPrivileges = v } }),
        Toggle("security.network_isolation", Now, "Let engines reach nothing but helix.",
            c => c.Security.NetworkIsolation, (c, v) => c with { Security = c.Security with { NetworkIsolation = v } }),
        Toggle("security.resource_limits", Now, "Bound the memory and processors of each engine.",
            c => c.Security.ResourceLimits, (c, v) => c with { Security = c.Security with { ResourceLimits = v } }),
        Toggle("security.require_key", Now, "Ask for a key on loopback too; any other address asks for one always.",
            c => c.Security.RequireKey, (c, v) => c with { Security = c.Security with { RequireKey = v } }),
        Toggle("security.watch", Now, "Look every ten minutes whether helix's files, releases, engines and requests are as they should be, and mend what can be mended.",
            c => c.Security.Watch, (c, v) => c with { Security = c.Security with { Watch = v } }),
        new("security.advisories", new SettingKind.Text("an http or https address", Words.RefuseEndpoint), Now,
            "Where newer lists of known vulnerabilities are fetched from, once a day; without it, the list that helix comes with is used.",
            c => c.Security.Advisories, (c, v) => c with { Security = c.Security with { Advisories = v?.Text() } }),
        new("security.advisories_key", new SettingKind.Text("the whole path of a file", Words.RefusePath), Now,
            "A PEM file with the public key that those lists are signed with; without it none is taken.",
            c => c.Security.AdvisoriesKey, (c, v) => c with { Security = c.Security with { AdvisoriesKey = v?.Text() } }),

        new("providers.enabled", new SettingKind.List("ids of providers", Words.RefuseProvider), Now,
            "The providers that may run; without it, all of them.",
            c => Json(c.Providers.Enabled), (c, v) => c with { Providers = c.Providers with { Enabled = v.Texts() } }),

        new("gateway.listen", new SettingKind.Text("an IP address", Words.RefuseAddress), NextStart,
            "IP address on which the gateway listens.",
            c => c.Gateway.Listen, (c, v) => c with { Gateway = c.Gateway with { Listen = v.Text() } }),
        Whole("gateway.port", 1, 65535, "", NextStart, "Port on which the gateway listens; when somebody else has it, the next free one is taken.",
            c => c.Gateway.Port, (c, v) => c with { Gateway = c.Gateway with { Port = v } }),
        Whole("gateway.monitor_port", 0, 65535, "", Now, "Port of 127.0.0.1 at which the dashboard is open besides the gateway's own; 0 means none.",
            c => c.Gateway.MonitorPort, (c, v) => c with { Gateway = c.Gateway with { MonitorPort = v } }),
        Whole("gateway.max_body_megabytes", 1, 1024, "MiB", Now, "Largest request body that is accepted, in MiB.",
            c => c.Gateway.MaxBodyMegabytes, (c, v) => c with { Gateway = c.Gateway with { MaxBodyMegabytes = v } }),
        Whole("gateway.model_deadline", 1, 3600, "seconds", Now, "Seconds that a request waits for a model that is on its way.",
            c => c.Gateway.ModelDeadline, (c, v) => c with { Gateway = c.Gateway with { ModelDeadline = v } }),
        Whole("gateway.first_token_deadline", 0, 3600, "seconds", Now, "Seconds after which a stream that has not begun is asked of another backend, where there is one; 0 means never.",
            c => c.Gateway.FirstTokenDeadline, (c, v) => c with { Gateway = c.Gateway with { FirstTokenDeadline = v } }),
        Whole("gateway.stall_deadline", 0, 86400, "seconds", Now, "Seconds that a stream may pause once it has begun, before it is ended with an error; 0 means for ever.",
            c => c.Gateway.StallDeadline, (c, v) => c with { Gateway = c.Gateway with { StallDeadline = v } }),
        Whole("gateway.max_waiting", 0, 100_000, "requests", Now, "Requests that may wait for a place before the engines of one model; beyond that, those of the key with the most are refused.",
            c => c.Gateway.MaxWaiting, (c, v) => c with { Gateway = c.Gateway with { MaxWaiting = v } }),
        Whole("gateway.queue_deadline", 1, 3600, "seconds", Now, "A request that is likely to wait for a place for more than so many seconds is refused at once, and told when to come back.",
            c => c.Gateway.QueueDeadline, (c, v) => c with { Gateway = c.Gateway with { QueueDeadline = v } }),
        Toggle("gateway.continue_streams", Now, "A stream whose engine dies goes on at another one, where that can be done, without its client asking for it.",
            c => c.Gateway.ContinueStreams, (c, v) => c with { Gateway = c.Gateway with { ContinueStreams = v } }),
        new("gateway.aliases", new SettingKind.Texts("names with models each", "{\"gpt-4o\": \"big, small\"}", Words.RefuseAlias, ModelAlias.Refuse), Now,
            "Names for models. Of several models, the first that can answer does; some may share the requests, or the best for a request is asked.",
            c => Json(c.Gateway.Aliases), (c, v) => c with { Gateway = c.Gateway with { Aliases = v.Aliases() } }),
        new("gateway.licences", new SettingKind.List("licences", Words.RefuseLicence), Now,
            "Licences of the models that may be asked, as the models tell them, such as apache-2.0; unknown stands for those of which nobody tells one. Without it, any.",
            c => Json(c.Gateway.Licences), (c, v) => c with { Gateway = c.Gateway with { Licences = v.Texts() } }),
        Toggle("gateway.capture", Now, "Keep what is asked and answered, without what looks like a secret, for \"helix captures\"; false throws all of it away.",
            c => c.Gateway.Capture, (c, v) => c with { Gateway = c.Gateway with { Capture = v } }),
        Whole("gateway.capture_megabytes", 1, 10_000, "MiB", Now, "MiB of that which are kept; beyond that the oldest go.",
            c => c.Gateway.CaptureMegabytes, (c, v) => c with { Gateway = c.Gateway with { CaptureMegabytes = v } }),
        Whole("gateway.capture_days", 1, 365, "days", Now, "Days for which it is kept.",
            c => c.Gateway.CaptureDays, (c, v) => c with { Gateway = c.Gateway with { CaptureDays = v } }),
        new("gateway.energy_price", new SettingKind.Amount(0, 1000, "dollars"), Now,
            "US dollars that a kilowatt-hour costs here; without it, what is answered here counts as free.",
            c => c.Gateway.EnergyPrice, (c, v) => c with { Gateway = c.Gateway with { EnergyPrice = v is null ? null : SettingKind.AmountOf(v) } }),
        new("gateway.energy_watts", new SettingKind.Numbers("providers with a number from 0 to 1000000", "{\"llamacpp\": 250}", Words.RefuseProvider), Now,
            "Watts that the machine draws more while an engine of a provider answers; one that is not named counts as free.",
            c => Json(c.Gateway.EnergyWatts), (c, v) => c with { Gateway = c.Gateway with { EnergyWatts = v.Numbers() } }),
        new("gateway.allowed_hosts", new SettingKind.List("host names", Words.RefuseHost), Now,
            "Further host names under which clients may address the gateway.",
            c => Json(c.Gateway.AllowedHosts), (c, v) => c with { Gateway = c.Gateway with { AllowedHosts = v.Texts() } }),

        new("cloud.daily_budget", new SettingKind.Amount(0, 1_000_000, "dollars"), Now,
            "US dollars that may be spent on clouds in one day (UTC), all keys together; what could cost more than is left is refused. 0 means nothing.",
            c => c.Cloud.DailyBudget, (c, v) => c with { Cloud = c.Cloud with { DailyBudget = SettingKind.AmountOf(v!) } }),
        new("cloud.key_budget", new SettingKind.Amount(0, 1_000_000, "dollars"), Now,
            "US dollars that each key may spend of that; requests without a key count as one. Without it, all that is left.",
            c => c.Cloud.KeyBudget, (c, v) => c with { Cloud = c.Cloud with { KeyBudget = v is null ? null : SettingKind.AmountOf(v) } }),
        new("cloud.prices", new SettingKind.List("ID/MODEL=IN/OUT", CloudPrices.Refuse), Now,
            "What models of clouds cost, in US dollars for a million tokens in and out, where helix does not know it or it is another; a * at the end stands for any.",
            c => Json(c.Cloud.Prices), (c, v) => c with { Cloud = c.Cloud with { Prices = v.Texts() } }),
        new("cloud.instead", new SettingKind.List("MODEL=ID/MODEL", CloudRules.Refuse), Now,
            "Which cloud's model may answer a chat in place of one that is served here, or of \"auto\", where cloud.after_seconds says so.",
            c => Json(c.Cloud.Instead), (c, v) => c with { Cloud = c.Cloud with { Instead = v.Texts() } }),
        new("cloud.after_seconds", new SettingKind.Whole(0, 3600, "seconds"), Now,
            "Seconds that a chat waits here, or is likely to, before the cloud of cloud.instead is asked; without it, never.",
            c => c.Cloud.AfterSeconds, (c, v) => c with { Cloud = c.Cloud with { AfterSeconds = v is null ? null : (int)SettingKind.NumberOf(v) } }),
        new("cloud.private_models", new SettingKind.List("names of models", Words.RefuseModel), Now,
            "Models of which nothing ever goes to a cloud, whoever serves them.",
            c => Json(c.Cloud.PrivateModels), (c, v) => c with { Cloud = c.Cloud with { PrivateModels = v.Texts() } }),

        Toggle("network.offline", Now, "Fetch nothing, and ask no cloud, ever.",
            c => c.Network.Offline, (c, v) => c with { Network = c.Network with { Offline = v } }),
        new("network.hub_endpoint", new SettingKind.Text("an http or https address", Words.RefuseEndpoint), Now,
            "Base address of the model hub or its mirror; the environment's HF_ENDPOINT goes first.",
            c => c.Network.HubEndpoint, (c, v) => c with { Network = c.Network with { HubEndpoint = v.Text() } }),
        new("sources.mirrors", new SettingKind.List("ADDRESS=MIRROR", Words.RefuseMirror), Now,
            "What to ask instead of an address: each download that begins with ADDRESS is fetched from MIRROR.",
            c => Json(c.Sources.Mirrors), (c, v) => c with { Sources = c.Sources with { Mirrors = v.Texts() } }),

        Whole("builtin.threads", 0, 1024, "threads", Now, "Compute threads of the built-in engine; 0 means one less than there are cores. A change restarts its engines.",
            c => c.Builtin.Threads, (c, v) => c with { Builtin = c.Builtin with { Threads = v } }),
        Whole("builtin.slots", 1, 64, "requests", Now, "Requests that one model of the built-in engine answers at the same time; fewer where memory has no room for them. A change restarts its engines.",
            c => c.Builtin.Slots, (c, v) => c with { Builtin = c.Builtin with { Slots = v } }),
        new("builtin.context", new SettingKind.Whole(LeastContext, 1_048_576, "tokens") { Besides = 0 }, Now, "Tokens of context for each request; 0 means what the model was trained for, at most 8192. A change restarts its engines.",
            c => c.Builtin.Context, (c, v) => c with { Builtin = c.Builtin with { Context = (int)SettingKind.NumberOf(v!) } }),
        new("builtin.model", new SettingKind.Text("the id of a model", Words.RefuseModel), Now,
            "The model that \"auto\" means; without it, helix chooses.",
            c => c.Builtin.Model, (c, v) => c with { Builtin = c.Builtin with { Model = v?.Text() } }),
        new("builtin.device", new SettingKind.Choice([DeviceWish.Auto, DeviceWish.Cpu, DeviceWish.Cuda, DeviceWish.Vulkan]), Now,
            "What the built-in engine computes on; auto takes the best that is found and passes a test. A change restarts its engines.",
            c => c.Builtin.Device, (c, v) => c with { Builtin = c.Builtin with { Device = v.Text() } }),

        new("hardware.override", new SettingKind.Text("the whole path of a file", Words.RefusePath), NextStart,
            "A machine file: helix plans for the machine that it describes instead of this one. For trying things out.",
            c => c.Hardware.Override, (c, v) => c with { Hardware = c.Hardware with { Override = v?.Text() } }),

        Whole("resources.disk_budget", 0, 1_000_000, "GB", Now, "GB that providers' releases and downloads may take together, models not counted; 0 means half of what is free without them.",
            c => c.Resources.DiskBudget, (c, v) => c with { Resources = c.Resources with { DiskBudget = v } }),

        Whole("updates.quarantine_days", 0, 365, "days", Now, "Days for which a new version of a provider is left to others before helix installs it by itself; what helix's own manifests name is not.",
            c => c.Updates.QuarantineDays, (c, v) => c with { Updates = c.Updates with { QuarantineDays = v } }),
        new("updates.window", new SettingKind.Text("a time of the day like 02:00-05:00, in UTC", Updates.MaintenanceWindow.Refuse), Now,
            "When helix installs updates by itself; without it, at any time.",
            c => c.Updates.Window, (c, v) => c with { Updates = c.Updates with { Window = v?.Text() } }),
        Whole("updates.watch_minutes", 0, 1440, "minutes", Now, "Minutes in which a new release is watched: a second fault, or more failed requests than before, sends it back to the one before.",
            c => c.Updates.WatchMinutes, (c, v) => c with { Updates = c.Updates with { WatchMinutes = v } }),
        Whole("updates.slowdown", 1, 90, "percent", Now, "Percent by which a new release may be slower than the one before, on the same questions; a slower one is not used.",
            c => c.Updates.Slowdown, (c, v) => c with { Updates = c.Updates with { Slowdown = v } }),
        Toggle("updates.helix", Now, "Where helix was built from a clone: bring helix itself to the newest version of its branch, too.",
            c => c.Updates.OfHelix, (c, v) => c with { Updates = c.Updates with { OfHelix = v } }),
        new("updates.helix_key", new SettingKind.Text("the whole path of a file", Words.RefusePath), Now,
            "A public key (ECDSA P-256, PEM): archives of helix that are given to \"helix update\" must be signed with its other half.",
            c => c.Updates.KeyOfHelix, (c, v) => c with { Updates = c.Updates with { KeyOfHelix = v?.Text() } }),

        Toggle("backup.enabled", Now, "Back up once a day what is needed to set up the same on another machine.",
            c => c.Backup.Enabled, (c, v) => c with { Backup = c.Backup with { Enabled = v } }),
        Whole("backup.keep_daily", 0, 3650, "days", Now, "Days of which the newest backup is kept.",
            c => c.Backup.KeepDaily, (c, v) => c with { Backup = c.Backup with { KeepDaily = v } }),
        Whole("backup.keep_weekly", 0, 520, "weeks", Now, "Weeks of which the newest backup is kept.",
            c => c.Backup.KeepWeekly, (c, v) => c with { Backup = c.Backup with { KeepWeekly = v } }),
        Whole("backup.keep_monthly", 0, 120, "months", Now, "Months of which the newest backup is kept.",
            c => c.Backup.KeepMonthly, (c, v) => c with { Backup = c.Backup with { KeepMonthly = v } }),
        new("backup.key_file", new SettingKind.Text("the whole path of a file", Words.RefusePath), Now,
            "A file of 32 random bytes: backups are encrypted with it. Whoever loses it loses them.",
            c => c.Backup.KeyFile, (c, v) => c with { Backup = c.Backup with { KeyFile = v?.Text() } }),
        new("backup.second_place", new SettingKind.Text("the whole path of a folder", Words.RefusePath), Now,
            "A folder, best on another disk, to which each backup is copied.",
            c => c.Backup.SecondPlace, (c, v) => c with { Backup = c.Backup with { SecondPlace = v?.Text() } }),
        new("backup.command", new SettingKind.List("words of a command line", Words.RefuseWord), Now,
            "A program that is run after each backup, without a shell; {file} stands for the backup's path.",
            c => Json(c.Backup.Command), (c, v) => c with { Backup = c.Backup with { Command = v.Texts() } }),

        Toggle("cleanup.enabled", Now, "Throw away once a day, and where the disk is nearly full, what nobody needs.",
            c => c.Cleanup.Enabled, (c, v) => c with { Cleanup = c.Cleanup with { Enabled = v } }),
        Whole("cleanup.log_megabytes", 1, 100, "MB", Now, "MB that one log may grow to.",
            c => c.Cleanup.LogMegabytes, (c, v) => c with { Cleanup = c.Cleanup with { LogMegabytes = v } }),
        Whole("cleanup.min_free_percent", 0, 90, "percent", Now, "With less of the disk free, at most 50 GB, helix cleans up and raises an alert.",
            c => c.Cleanup.MinFreePercent, (c, v) => c with { Cleanup = c.Cleanup with { MinFreePercent = v } }),
        Whole("cleanup.min_free_gb", 0, 1_000_000, "GB", Now, "With less GB free, helix cleans up and raises an alert.",
            c => c.Cleanup.MinFreeGb, (c, v) => c with { Cleanup = c.Cleanup with { MinFreeGb = v } }),

        new("telemetry.otlp_endpoint", new SettingKind.Text("an http or https address", Words.RefuseEndpoint), Now,
            "The OpenTelemetry collector to which all metrics, spans of requests, and the log of helix are sent; without it, they are sent nowhere.",
            c => c.Telemetry.OtlpEndpoint, (c, v) => c with { Telemetry = c.Telemetry with { OtlpEndpoint = v?.Text() } }),
        new("logging.format", new SettingKind.Choice([LoggingConfig.Text, LoggingConfig.Json]), Now,
            "How helix writes its own log: lines of text for a person, or lines of JSON, one object each, for a program.",
            c => c.Logging.Format, (c, v) => c with { Logging = c.Logging with { Format = v.Text() } }),

        new("alerts.quiet_hours", new SettingKind.Texts("severities with a time of the day each, in UTC", "{\"warning\": \"22:00-07:00\"}", Alerts.AlertPolicy.RefuseSeverity, Updates.MaintenanceWindow.Refuse), Now,
            "Hours in which nobody is told of alerts of a severity; what goes on afterwards is told then.",
            c => Json(c.Alerts.QuietHours), (c, v) => c with { Alerts = c.Alerts with { QuietHours = v.TextMap() } }),
        new("alerts.maintenance", new SettingKind.List("times like sat+sun 02:00-05:00, mon-fri 22:00-06:00 or 02:00-05:00, in UTC", Alerts.WeekWindow.Refuse), Now,
            "Hours in which nobody is told of any alert; what goes on afterwards is told then.",
            c => Json(c.Alerts.Maintenance), (c, v) => c with { Alerts = c.Alerts with { Maintenance = v.Texts() } }),
        Whole("alerts.escalate_minutes", 0, 10_080, "minutes", Now, "Minutes after which an error that nobody acknowledged is critical; what is critical is told again then, and ever more rarely. 0 means never.",
            c => c.Alerts.EscalateMinutes, (c, v) => c with { Alerts = c.Alerts with { EscalateMinutes = v } }),
        new("alerts.web_severity", new SettingKind.Choice(HistoryNames.Severities), Now, "The web is told of alerts of this severity, or a worse one.",
            c => c.Alerts.WebSeverity, (c, v) => c with { Alerts = c.Alerts with { WebSeverity = v.Text() } }),
        Whole("alerts.web_hourly", 1, 3600, "messages", Now, "Messages within an hour on the web; what is more comes together later.",
            c => c.Alerts.WebHourly, (c, v) => c with { Alerts = c.Alerts with { WebHourly = v } }),
        new("alerts.command_line_severity", new SettingKind.Choice(HistoryNames.Severities), Now, "The command line is told of alerts of this severity, or a worse one.",
            c => c.Alerts.CommandLineSeverity, (c, v) => c with { Alerts = c.Alerts with { CommandLineSeverity = v.Text() } }),
        Whole("alerts.command_line_hourly", 1, 3600, "messages", Now, "Messages within an hour on the command line; what is more comes together later.",
            c => c.Alerts.CommandLineHourly, (c, v) => c with { Alerts = c.Alerts with { CommandLineHourly = v } }),
        Toggle("alerts.desktop", Now, "Show what the command line is told on the desktop, too, where helix runs in the session of one.",
            c => c.Alerts.Desktop, (c, v) => c with { Alerts = c.Alerts with { Desktop = v } }),
        new("alerts.email_severity", new SettingKind.Choice(HistoryNames.Severities), Now, "Mail tells of alerts of this severity, or a worse one, once it is set up.",
            c => c.Alerts.EmailSeverity, (c, v) => c with { Alerts = c.Alerts with { EmailSeverity = v.Text() } }),
        Whole("alerts.email_hourly", 1, 3600, "messages", Now, "Messages within an hour by mail; what is more comes together later.",
            c => c.Alerts.EmailHourly, (c, v) => c with { Alerts = c.Alerts with { EmailHourly = v } }),
        new("alerts.slack_severity", new SettingKind.Choice(HistoryNames.Severities), Now, "Slack is told of alerts of this severity, or a worse one, once it is set up.",
            c => c.Alerts.SlackSeverity, (c, v) => c with { Alerts = c.Alerts with { SlackSeverity = v.Text() } }),
        Whole("alerts.slack_hourly", 1, 3600, "messages", Now, "Messages within an hour to Slack; what is more comes together later.",
            c => c.Alerts.SlackHourly, (c, v) => c with { Alerts = c.Alerts with { SlackHourly = v } }),
        new("alerts.discord_severity", new SettingKind.Choice(HistoryNames.Severities), Now, "Discord is told of alerts of this severity, or a worse one, once it is set up.",
            c => c.Alerts.DiscordSeverity, (c, v) => c with { Alerts = c.Alerts with { DiscordSeverity = v.Text() } }),
        Whole("alerts.discord_hourly", 1, 3600, "messages", Now, "Messages within an hour to Discord; what is more comes together later.",
            c => c.Alerts.DiscordHourly, (c, v) => c with { Alerts = c.Alerts with { DiscordHourly = v } }),
        new("alerts.webhook_severity", new SettingKind.Choice(HistoryNames.Severities), Now, "Your webhook is told of alerts of this severity, or a worse one, once it is set up.",
            c => c.Alerts.WebhookSeverity, (c, v) => c with { Alerts = c.Alerts with { WebhookSeverity = v.Text() } }),
        Whole("alerts.webhook_hourly", 1, 3600, "messages", Now, "Messages within an hour to your webhook; what is more comes together later.",
            c => c.Alerts.WebhookHourly, (c, v) => c with { Alerts = c.Alerts with { WebhookHourly = v } }),
    ];

    public static ImmutableArray<string> Sections { get; } = [.. All.Select(setting => setting.Section).Distinct()];

    public static Setting? Find(string path) => s_byPath.GetValueOrDefault(path);

    /// <summary>The path somebody probably meant; null where nothing is near.</summary>
    public static string? NearestTo(string path)
    {
        var (section, key) = Setting.Split(path);
        var name = key.Length > 0 ? key : section;
        var neighbours = All.Where(setting => setting.Section == section).ToList();
        return Pick(neighbours, Nearest.To(name, neighbours.Select(setting => setting.Key)))
            ?? Pick(All, All.FirstOrDefault(setting => setting.Key == name)?.Key)
            ?? Nearest.To(path, All.Select(setting => setting.Path))
            ?? Pick(All, Nearest.To(name, All.Select(setting => setting.Key)));

        static string? Pick(IEnumerable<Setting> from, string? key) => from.FirstOrDefault(setting => setting.Key == key)?.Path;
    }

    private static readonly Dictionary<string, Setting> s_byPath = All.ToDictionary(setting => setting.Path);

    private static Setting Toggle(
        string path, TakesEffect effect, string meaning, Func<HelixConfig, bool> read, Func<HelixConfig, bool, HelixConfig> write) =>
        new(path, new SettingKind.Toggle(), effect, meaning, c => read(c), (c, v) => write(c, v!.GetValue<bool>()));

    private static Setting Whole(
        string path, int min, int max, string unit, TakesEffect effect, string meaning, Func<HelixConfig, int> read, Func<HelixConfig, int, HelixConfig> write) =>
        new(path, new SettingKind.Whole(min, max, unit), effect, meaning, c => read(c), (c, v) => write(c, (int)SettingKind.NumberOf(v!)));

    private static string Text(this JsonNode? value) => value!.GetValue<string>();

    private static ImmutableArray<string>? Texts(this JsonNode? value) => value is null ? null : [.. value.AsArray().Select(Text)];

    private static ImmutableDictionary<string, double>? Numbers(this JsonNode? value) =>
        value?.AsObject().ToImmutableDictionary(pair => pair.Key, pair => SettingKind.NumberOf(pair.Value!));

    private static ImmutableDictionary<string, ModelAlias>? Aliases(this JsonNode? value) =>
        value?.AsObject().ToImmutableDictionary(pair => pair.Key, pair => ModelAlias.Parse(pair.Value.Text()).Alias!);

    private static ImmutableDictionary<string, string>? TextMap(this JsonNode? value) => value?.AsObject().ToImmutableDictionary(pair => pair.Key, pair => pair.Value.Text());

    private static JsonObject? Json(ImmutableDictionary<string, string>? texts) =>
        texts is null ? null : new(texts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static JsonObject? Json(ImmutableDictionary<string, ModelAlias>? aliases) =>
        aliases is null ? null : new(aliases.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.Text)));

    private static JsonArray? Json(ImmutableArray<string>? texts) => texts is { } items ? new([.. items.Select(item => (JsonNode)item)]) : null;

    private static JsonObject? Json(ImmutableDictionary<string, double>? numbers) =>
        numbers is null ? null : new(numbers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}
