using System.Reflection;
using Helix.Access;
using Helix.Alerts;
using Helix.Automation;
using Helix.Backup;
using Helix.Clouds;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.Models;
using Helix.Core.Planning;
using Helix.Core.SelfUpdate;
using Helix.Dashboard;
using Helix.Engine.Native;
using Helix.Fleet;
using Helix.Gateway;
using Helix.Gateway.Lane;
using Helix.Hardware;
using Helix.Healing;
using Helix.History;
using Helix.Install;
using Helix.Manifests;
using Helix.Models;
using Helix.Processes;
using Helix.Relay;
using Helix.Reports;
using Helix.Sandbox;
using Helix.Security;
using Helix.SelfUpdate;
using Helix.Storage;
using Helix.Telemetry;
using Helix.Tuning;
using Helix.Updates;
using Helix.Variants;

namespace Helix.Daemon;

/// <summary>The hidden verb <c>helix daemon --home H</c>: supervisors, gateway and helix's own API, on listeners that the keeper holds.</summary>
internal static class DaemonVerb
{
    private const int NotStartedByKeeper = 2;
    private const int KeeperDied = 3;
    private const int LoopDied = 70;

    public static async Task<int> RunAsync(string[] args)
    {
        KestrelTuning.CompleteSocketsInline();
        if (args is not ["--home", var root] || InheritedListeners.FromEnvironment() is not { } listeners
            || RunFolder.Find(new HelixHome(root)) is not { } run)
        {
            await Console.Error.WriteLineAsync("helix daemon is started by helix itself; run: helix start");
            return NotStartedByKeeper;
        }

        if (!StartGate.Wait())
        {
            await Console.Error.WriteLineAsync("the keeper that started this daemon died before anybody knew of it: it ends, and the next keeper starts another");
            return KeeperDied;
        }

        // one that was killed in its last step is brought to its end before anybody reads what it changes
        new RestoreJournal(new HelixHome(root)).Finish();
        KeptDatabase.PutBack(new HelixHome(root), Environment.ProcessPath!, TimeProvider.System.GetUtcNow());
        await using var app = Compose(new HelixHome(root), run, listeners);
        var loops = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToArray();
        await app.StartAsync();
        await app.Services.GetRequiredService<Departure>().WaitAndLeaveAsync(app);
        // a background service that dies stops the host, which then ends as if all were well
        return loops.Any(loop => loop.ExecuteTask is { IsFaulted: true }) ? LoopDied : 0;
    }

    public static string Version { get; } =
        typeof(DaemonVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static WebApplication Compose(HelixHome home, RunFolder run, InheritedListeners listeners)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = home.LocalLlm });
        var relay = new LogRelay();
        var lines = ConsoleLog.AddTo(builder.Logging, home);
        builder.Logging.AddProvider(relay);
        builder.WebHost.UseGatewayTuning().ConfigureKestrel(kestrel =>
        {
            foreach (var listener in listeners.All) kestrel.ListenHandle((ulong)listener.Descriptor);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Departure.Longest);
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(home)
            .AddSingleton(run)
            .AddSingleton(listeners)
            .AddStorage(home)
            .AddConfigurationFile()
            .AddSingleton<Func<HelixConfig>>(provider =>
            {
                // asked several times for each request
                IConfigView? view = null;
                return () => (view ??= provider.GetRequiredService<IConfigView>()).Current;
            })
            .AddAccess()
            .AddGateway()
            .AddSandbox(home)
            .AddSingleton(provider => new BuiltinRecipe(Environment.ProcessPath!, home, LlamaLibrary.Release, SocketOf) { Sandbox = provider.GetRequiredService<EngineSandbox>() })
            .AddSingleton(provider => new RecipeGround(Environment.ProcessPath!, home, provider.GetRequiredService<EngineBook>(), SocketOf) { Sandbox = provider.GetRequiredService<EngineSandbox>() })
            .AddModels()
            .AddSingleton<HardwareOverride>()
            .AddSingleton(provider => new FleetGround(SelfTestFile.Ensure(home), EngineMemory.Of(provider.GetRequiredService<HardwareOverride>().Hardware()))
            {
                Machine = () => provider.GetRequiredService<HardwareOverride>().Machine(provider.GetRequiredService<MachineSurvey>().Current),
                Surveyed = provider.GetRequiredService<MachineSurvey>().Asked,
                Catalog = provider.GetRequiredService<ModelCatalog>,
            })
            .AddVariants()
            .AddManifests()
            .AddInstall()
            .AddSingleton(new OwnPorts(listeners.Ports))
            // before the fleet, which waits for the keeper's answer: one that died meanwhile has to be brought back
            .AddHostedService<KeeperGuard>()
            .AddClouds()
            .AddFleet()
            .AddHistory()
            .AddHealing()
            .AddUpdates()
            .AddTuning()
            .AddBackup()
            .AddSelfUpdate()
            .AddAutomation()
            .AddSecurity()
            .AddDashboard()
            .AddAlerts()
            .AddSingleton(provider => new RelayTools(provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<GatewayCounters>(), provider.GetRequiredService<EngineBook>().Of, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<InterfaceRelays>()
            .AddSingleton<EngineWait>()
            .AddSingleton<EngineApi>()
            .AddSingleton<KeeperClient>()
            .AddSingleton<IProcessHost>(provider => provider.GetRequiredService<KeeperClient>())
            .AddSingleton<Departure>()
            .AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<Departure>())
            .AddLane(provider =>
            {
                var going = provider.GetRequiredService<Departure>();
                return () => going.HasHandedOver;
            })
            .AddSingleton(provider => new KeeperRevival(
                home, run, listeners, Environment.ProcessPath!, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<KeeperRevival>>()))
            .AddSingleton(relay)
            .AddHostedService<OtlpExport>()
            .AddHostedService<IdleTrim>();

        var app = builder.Build();
        lines.Follow(app.Services.GetRequiredService<IConfigView>());
        var departure = app.Services.GetRequiredService<Departure>();
        app.UseMonitorDoor();
        app.Use(next => context =>
        {
            if (departure.HasHandedOver) context.Response.Headers.Connection = "close";
            return next(context);
        });
        app.MapGateway();
        app.MapAccess();
        app.MapConfigurationFile();
        app.MapModels(app.Services.GetRequiredService<Fleet.Fleet>().ServedAsync);
        app.MapHistory();
        app.MapUpdates();
        app.MapTuning();
        app.MapAutomation();
        app.MapSelfUpdate();
        app.MapBackup();
        app.MapSecurity();
        app.MapAlerts();
        app.MapReports(BuildVersion.Short(Version));
        MapOwnApi(app, home, listeners);
        return app;

        string SocketOf(string name) => run.EngineSocket(NumberOf(name));
    }

    private static void MapOwnApi(WebApplication app, HelixHome home, InheritedListeners listeners)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        var fleet = app.Services.GetRequiredService<Fleet.Fleet>();
        var config = app.Services.GetRequiredService<IConfigView>();
        var database = app.Services.GetRequiredService<Database>();
        var wishes = app.Services.GetRequiredService<WishTable>();
        var (library, arrival, variants) = (app.Services.GetRequiredService<ModelLibrary>(), app.Services.GetRequiredService<ModelArrival>(), app.Services.GetRequiredService<VariantArrival>());
        var (foreign, hardware) = (app.Services.GetRequiredService<ForeignWatch>(), app.Services.GetRequiredService<HardwareOverride>());
        var (sandbox, monitor) = (app.Services.GetRequiredService<EngineSandbox>(), app.Services.GetRequiredService<MonitorDoor>());
        var (shelf, survey) = (app.Services.GetRequiredService<ManifestShelf>(), app.Services.GetRequiredService<MachineSurvey>());
        var metrics = app.Services.GetRequiredService<RequestMetrics>();
        var facts = new DaemonFacts(Version, $"http://{listeners.GatewayAddress}", time.GetUtcNow(), () => DaemonNotes.Of(config, database, library, arrival, variants, shelf.Current, foreign, hardware, sandbox, monitor), app.Services.GetRequiredService<FleetGround>().MemoryBytes)
        {
            Sandbox = () => sandbox.Tier,
            Release = new HelixReleases(home).VersionOf(Environment.ProcessPath!),
            Aliases = () => config.Current.Gateway.Aliases is { } aliases ? [.. aliases.Keys.Order(StringComparer.Ordinal)] : [],
            Cache = metrics.Cache.Report,
        };
        var installations = app.Services.GetRequiredService<Installations>();
        var roster = new ProviderRoster(fleet, shelf, () => installations.Current, () => hardware.Machine(survey.Current), time, facts.Started);
        app.MapStatus(fleet, roster, facts);
        app.MapDashboard(facts, roster);
        var (feed, store) = (app.Services.GetRequiredService<FleetFeed>(), app.Services.GetRequiredService<ReleaseStore>());
        app.MapPlan(new(() => (hardware.Machine(survey.Current), hardware.Hardware(), hardware.Note), shelf, app.Services.GetRequiredService<ModelCatalog>, () => config.Current, feed.Library, time)
        {
            // what is installed is there, whatever may be installed by itself
            Words = id => store.Words(id) is var words && store.Current(id) is not null ? new(true, false, words.Pinned, words.Accepted) : new(false, words.Removed, words.Pinned, words.Accepted),
        });
        new ProviderEndpoints(fleet, roster, installations, id => config.Current.Providers.Allows(id), (id, wish) => wishes.SetAsync(id, wish), time).Map(app);
        new StartAllEndpoint(fleet, fleet.Obey, fleet.SettledAsync, roster, (id, wish) => wishes.SetAsync(id, wish), time).Map(app);
        new InstallEndpoints(fleet, roster, shelf, installations, store, time).Map(app);
        new UpdateCheckEndpoints(shelf, store, app.Services.GetRequiredService<NewestLook>(), app.Services.GetRequiredService<Updater>(), () => hardware.Machine(survey.Current), roster).Map(app);
        app.MapBundle(app.Services.GetRequiredService<BundleCreate>(), app.Services.GetRequiredService<BundleApply>());
        app.MapCleanup(app.Services.GetRequiredService<CleanupRun>());
        new LogEndpoints(home, roster, app.Services.GetRequiredService<SessionRing>(), app.Lifetime, time).Map(app);
        var clouds = app.Services.GetRequiredService<CloudWatch>();
        var attached = app.Services.GetRequiredService<AttachWatch>();
        attached.IsCloud = clouds.Has;
        new AttachEndpoints(attached, feed, fleet).Map(app);
        new CloudEndpoints(clouds, feed, fleet, app.Services.GetRequiredService<SpendingTable>(), () => config.Current, time).Map(app);
        new OpenEndpoints(fleet, roster, shelf, app.Services.GetRequiredService<InterfaceRelays>(), app.Services.GetRequiredService<EngineWait>()).Map(app);
        app.Map("/p/{provider}/{**rest}", context => app.Services.GetRequiredService<EngineApi>().ServeAsync(context, (string)context.Request.RouteValues["provider"]!));
    }

    /// <summary>The same number for the same name in every daemon: an engine that runs on is found on the socket it was started with.</summary>
    /// <remarks>FNV-1a: a cryptographic hash would load OpenSSL into every daemon.</remarks>
    private static int NumberOf(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619;
        return (int)(hash >> 1);
    }
}
