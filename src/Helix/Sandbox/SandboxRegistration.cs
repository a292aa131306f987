using Helix.Configuration;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Sandbox;

internal static class SandboxRegistration
{
    /// <summary>What shuts engines in. Needs the clock, the run folder and the room Configuration.</summary>
    public static IServiceCollection AddSandbox(this IServiceCollection services, HelixHome home) => services.AddSingleton(provider =>
    {
        var machine = new SandboxMachine(home, Environment.ProcessPath!);
        var trial = new SandboxTrial(machine, provider.GetRequiredService<TimeProvider>(), SandboxTrial.MostOf(Environment.GetEnvironmentVariable(SandboxTrial.MostVariable)), provider.GetRequiredService<RunFolder>().Path);
        var config = provider.GetRequiredService<IConfigView>();
        return new EngineSandbox(machine, trial, () => config.Current.Security);
    });
}
