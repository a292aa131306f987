using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Helix.Access;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Sandbox;
using Helix.Core.Security;
using Helix.Fleet;
using Helix.Install;
using Helix.Manifests;
using Helix.Processes;
using Helix.Sandbox;
using Helix.Storage;

namespace Helix.Security;

/// <summary>Offers the watch over helix's own safety, and runs it.</summary>
internal static class SecurityRegistration
{
    private const int Remembered = 200;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(3);

    /// <summary>Needs from the container: the rooms Access, Fleet, Install, Manifests, Sandbox and Storage, the run folder, and the configuration.</summary>
    public static IServiceCollection AddSecurity(this IServiceCollection services) => services
        .AddSingleton(provider => new AdvisoryShelf(provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<Downloads>(), ConfigOf(provider)))
        .AddSingleton(provider => new RefusalWatch(provider.GetRequiredService<Refusals>(), ConfigOf(provider), provider.GetRequiredService<HistoryTable>().Append))
        .AddHostedService(provider => provider.GetRequiredService<RefusalWatch>())
        .AddSingleton(provider => new SecurityWatch(
            EyesOf(provider), HandsOf(provider), MemoryOf(provider), provider.GetRequiredService<TimeProvider>(), new Random().NextDouble, provider.GetRequiredService<ILogger<SecurityWatch>>()))
        .AddHostedService(provider => provider.GetRequiredService<SecurityWatch>());

    public static void MapSecurity(this WebApplication app) =>
        new SecurityEndpoints(app.Services.GetRequiredService<SecurityWatch>(), app.Services.GetRequiredService<AdvisoryShelf>(), ConfigOf(app.Services)).Map(app);

    /// <summary>What engines are compared with.</summary>
    public static EngineGround GroundOf(SandboxTier tier) => new(
        tier, NativeLibc.UserId() == 0, NativeLibc.UserId(), SystemCalls.Of(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64") is not null, EngineLook.OwnSpaces());

    /// <summary>What is in use of each provider.</summary>
    public static IReadOnlyList<PresentVersion> Installed(ReleaseStore store, ManifestSet manifests) =>
        [.. manifests.Manifests.Select(manifest => store.Current(manifest.Id)).OfType<InstalledRelease>().Select(release => new PresentVersion(release.Provider, release.Version))];

    private static SecurityEyes EyesOf(IServiceProvider provider)
    {
        var (home, store, shelf, fleet) = (provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<ReleaseStore>(), provider.GetRequiredService<ManifestShelf>(), provider.GetRequiredService<IFleetView>());
        var (config, sandbox, time) = (provider.GetRequiredService<Func<HelixConfig>>(), provider.GetRequiredService<EngineSandbox>(), provider.GetRequiredService<TimeProvider>());
        var paths = new HomePermissions(home, provider.GetRequiredService<RunFolder>(), () => config().Backup.KeyFile);
        var child = new DigestChild(home, provider.GetRequiredService<BoundedChild>(), Environment.ProcessPath!);
        var releases = new ReleaseLook(home, store, ReleaseLook.ProgramOf(home, Environment.ProcessPath!), child.ReadAsync);
        return new(
            paths.Look, () => EngineLook.At(fleet.Current.Instances), () => GroundOf(sandbox.State.Tier), releases.LookAsync,
            () => [.. Installed(store, shelf.Current), .. fleet.Current.Providers.Where(engine => engine is { IsAttached: true, Release: not null }).Select(engine => new PresentVersion(engine.Product ?? engine.Id, engine.Release!, IsAttached: true))],
            provider.GetRequiredService<AdvisoryShelf>(), provider.GetRequiredService<RefusalWatch>().Open, cancellationToken => Task.Delay(s_pause, time, cancellationToken));
    }

    private static SecurityHands HandsOf(IServiceProvider provider)
    {
        var installations = provider.GetRequiredService<Installations>();
        return new(
            HomePermissions.Close, async id => await installations.RebuildAsync(id) is { } failed ? $"{failed.Step}: {failed.Reason}" : null,
            id => provider.GetRequiredService<Fleet.Fleet>().Renew(id, "the files that it runs from were changed by somebody, and made again"),
            name => provider.GetRequiredService<Fleet.Fleet>().RenewAtOnce(name, "how it is shut in, what runs in it or where it listens is not to be trusted: it is started anew"), provider.GetRequiredService<Func<HelixConfig>>());
    }

    private static SecurityMemory MemoryOf(IServiceProvider provider)
    {
        var (history, home) = (provider.GetRequiredService<HistoryTable>(), provider.GetRequiredService<HelixHome>());
        return new(() => PastAsync(history, home), history.Append);
    }

    /// <summary>A new home has nothing to compare yet: what is installed is written down when it is.</summary>
    private static async Task<SecurityPast> PastAsync(HistoryTable history, HelixHome home)
    {
        var looks = await history.ReadAsync(new(Kind: HistoryKind.Security, Most: Remembered)) is Stored<List<HistoryEvent>>.Ok(var events)
            ? events.Where(each => each is { What: SecurityWatch.Looked, Data: not null }).Select(each => (each.At, Data: Parse(each.Data!))).Where(each => each.Data is not null).ToArray() : [];
        return new(
            looks.LastOrDefault(each => each.Data!.Compared) is { Data: not null } last ? last.At : Directory.GetCreationTimeUtc(home.LocalLlm),
            looks.Length > 0 ? [.. looks[^1].Data!.Open] : ImmutableHashSet<string>.Empty);
    }

    private static SecurityLooked? Parse(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, SecurityDataJson.Default.SecurityLooked);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Func<SecurityConfig> ConfigOf(IServiceProvider provider) => () => provider.GetRequiredService<Func<HelixConfig>>()().Security;
}
