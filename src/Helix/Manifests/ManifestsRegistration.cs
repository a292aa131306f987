using Helix.Hardware;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Manifests;

internal static class ManifestsRegistration
{
    /// <summary>The providers' manifests, and the machine that they are compared with. Needs <see cref="HelixHome"/> and <see cref="BoundedChild"/>.</summary>
    public static IServiceCollection AddManifests(this IServiceCollection services) => services
        .AddSingleton<ManifestShelf>()
        .AddSingleton(new SurveyTools(new GpuSearch("/"), HasVulkan, Environment.GetEnvironmentVariable))
        .AddSingleton<MachineSurvey>()
        .AddHostedService(provider => provider.GetRequiredService<MachineSurvey>());

    private static bool HasVulkan() => AcceleratorProbe.OfThisMachine.Look() is { VulkanLoader: true, VulkanDevice: true };
}
