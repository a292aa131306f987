namespace Helix.Clouds;

/// <summary>The clouds that the user added. What the gateway needs to ask them is registered with the gateway.</summary>
internal static class CloudsRegistration
{
    /// <summary>Needs from the container: <see cref="Fleet.AttachWatch"/>, and the rooms Gateway, Manifests and Storage.</summary>
    public static IServiceCollection AddClouds(this IServiceCollection services) => services
        .AddSingleton<CloudSeal>()
        .AddSingleton<CloudBook>()
        .AddSingleton<CloudLook>()
        .AddSingleton<CloudWatch>()
        .AddHostedService(provider => provider.GetRequiredService<CloudWatch>());
}
