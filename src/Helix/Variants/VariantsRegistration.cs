using Helix.Configuration;
using Helix.Core.Hardware;
using Helix.Fleet;
using Helix.Hardware;
using Helix.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Variants;

internal static class VariantsRegistration
{
    /// <summary>The engine's builds for devices. Needs <see cref="IProcessHost"/>, <see cref="FleetGround"/>, <see cref="DownloadOptions"/>, <see cref="HelixHome"/> and <see cref="IConfigView"/>.</summary>
    public static IServiceCollection AddVariants(this IServiceCollection services) => services
        .AddSingleton<BoundedChild>()
        .AddSingleton<VariantStore>()
        .AddSingleton(ToolsOf)
        .AddSingleton<VariantArrival>()
        .AddHostedService(provider => provider.GetRequiredService<VariantArrival>());

    private static VariantTools ToolsOf(IServiceProvider provider)
    {
        var (home, child) = (provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<BoundedChild>());
        var log = Path.Combine(home.Logs, Fleet.Fleet.Builtin, "variant-fetch.log");
        Func<EngineVariant, IReadOnlyList<EnginePackage>> packages = variant => EnginePackages.Of(variant);
        var fetch = new VariantFetch(provider.GetRequiredService<VariantStore>(), new NpmClient(child, log, KeeperEnvironment.Ours), packages);
        var testing = new VariantTesting(Environment.ProcessPath!, provider.GetRequiredService<FleetGround>().SelfTest.Path, home, child);
        var probe = AcceleratorProbe.OfThisMachine;
        return new VariantTools(probe.Look, probe.EnvironmentFor, packages, fetch.FetchAsync, testing.TestAsync, provider.GetRequiredService<DownloadOptions>().Offline);
    }
}
