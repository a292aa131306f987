using Helix.Core.Hardware;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Variants;

/// <summary>Lets a build of the engine prove itself in a process of its own, before any engine is started with it.</summary>
/// <param name="program">Path of the helix binary.</param>
/// <param name="model">Path of the self-test model.</param>
internal sealed class VariantTesting(string program, string model, HelixHome home, BoundedChild child)
{
    private const string Name = "variant-test";

    /// <summary>A driver may translate every kernel at the first use.</summary>
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(5);

    public async Task<VariantTest> TestAsync(EngineLibraries libraries, CancellationToken cancellationToken)
    {
        var spec = SpecOf(libraries);
        try
        {
            var ended = await child.RunAsync(spec, s_deadline, cancellationToken);
            var output = File.Exists(spec.LogFile) ? await File.ReadAllTextAsync(spec.LogFile, cancellationToken) : "";
            return ended ? VariantTest.Read(output) : new VariantTest.Failed($"it was not done in {s_deadline.TotalMinutes:0} minutes");
        }
        catch (SpawnFailedException refused)
        {
            return new VariantTest.Failed(refused.Message);
        }
    }

    private LaunchSpec SpecOf(EngineLibraries libraries)
    {
        var data = Path.Combine(home.Providers, Fleet.Fleet.Builtin, "data");
        var environment = Fleet.BuiltinRecipe.EnvironmentOf(data, libraries);
        return new LaunchSpec(Name, program, ["engine", "--test", libraries.Folder, model], environment, data, Path.Combine(home.Logs, Fleet.Fleet.Builtin, Name + ".log"));
    }
}
