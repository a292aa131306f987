using Helix.Core.Install;
using Helix.Fleet;
using Helix.Hardware;
using Helix.Manifests;
using Helix.Models;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Install;

internal static class InstallRegistration
{
    /// <summary>The providers' way to this machine. Needs <see cref="HelixHome"/>, <see cref="BoundedChild"/>, and the rooms Models, Manifests and Fleet.</summary>
    public static IServiceCollection AddInstall(this IServiceCollection services) => services
        .AddSingleton<ReleaseStore>()
        .AddSingleton(provider => new InstallGround(
            provider.GetRequiredService<BoundedChild>(), provider.GetRequiredService<Web>(), provider.GetRequiredService<Downloads>(),
            () => UserEnvironment(provider.GetRequiredService<HelixHome>()), provider.GetRequiredService<HelixHome>(), InstallGround.FileOfHelix))
        .AddSingleton<Installer>()
        .AddSingleton(provider => new ReleaseTrial(
            provider.GetRequiredService<RecipeGround>(), provider.GetRequiredService<IProcessHost>(), provider.GetRequiredService<BoundedChild>(),
            provider.GetRequiredService<FleetGround>().SelfTest, provider.GetRequiredService<ITokenWatch>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(ToolsOf)
        .AddSingleton<Installations>()
        .AddHostedService(provider => provider.GetRequiredService<Installations>())
        .AddSingleton<NewestLook>()
        .AddSingleton(CleanupOf)
        .AddSingleton(provider => new BundleCreate(
            provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<ReleaseStore>(), provider.GetRequiredService<ModelLibrary>(),
            () => provider.GetRequiredService<MachineSurvey>().Current, Daemon.DaemonVerb.Version, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new BundleApply(
            provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<ReleaseStore>(), provider.GetRequiredService<Installations>(), provider.GetRequiredService<InstallTools>(),
            provider.GetRequiredService<ModelLibrary>(), provider.GetRequiredService<ManifestShelf>(), () => provider.GetRequiredService<MachineSurvey>().Current, () => UserEnvironment(provider.GetRequiredService<HelixHome>())));

    private static CleanupRun CleanupOf(IServiceProvider provider)
    {
        var (home, store, installations) = (provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<ReleaseStore>(), provider.GetRequiredService<Installations>());
        var (fleet, library) = (provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<ModelLibrary>());
        var world = new CleanupWorld(Alive, ProcessTable.Commands, library.NamelessAsync);
        var look = new CleanupLook(home, store, provider.GetRequiredService<ManifestShelf>(), () => installations.Current, world, provider.GetRequiredService<TimeProvider>());
        return new CleanupRun(home, store, installations, look, library.DropNamelessAsync, Alive);

        HashSet<string> Alive() => fleet.Current.Instances.Where(instance => instance.Pid is not null).Select(instance => instance.Provider).ToHashSet(StringComparer.Ordinal);
    }

    private static InstallTools ToolsOf(IServiceProvider provider)
    {
        var home = provider.GetRequiredService<HelixHome>();
        var place = new InstallJobPlace(home.Downloads, id => Path.Combine(home.Logs, id));
        return new InstallTools(
            () => provider.GetRequiredService<HardwareOverride>().Machine(provider.GetRequiredService<MachineSurvey>().Current),
            (manifest, machine, need) => [.. InstallChoice.Of(manifest with { Install = need.Ways }, machine, need.On).Select(choice => (choice.Way, choice.Asset))],
            provider.GetRequiredService<Installer>().InstallAsync,
            provider.GetRequiredService<ReleaseTrial>().RunAsync,
            () => place)
        {
            Disk = () => (DiskUse.OfProviders(home, provider.GetRequiredService<ReleaseStore>()), FreeSpace.At(home.Root)),
            EndLeftOver = provider.GetRequiredService<ReleaseTrial>().EndLeftOverAsync,
        };
    }

    private static Dictionary<string, string> UserEnvironment(HelixHome home) => Toolchains.Beside(home, KeeperEnvironment.Ours());
}
