using Helix.Core.Install;
using Helix.Install;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Security;

/// <summary>Has the files of a folder read by a child that computes when nobody else wants to: the daemon stays as small as it is.</summary>
internal sealed class DigestChild(HelixHome home, BoundedChild child, string program)
{
    private const string Name = "security-digests";

    private static readonly TimeSpan s_deadline = TimeSpan.FromHours(2);

    /// <returns>Null where it failed.</returns>
    public async Task<FileList?> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var work = Path.Combine(home.State, "digests");
        var (result, log) = (Path.Combine(work, "files"), Path.Combine(home.Logs, "helix", "digests.log"));
        try
        {
            Directory.CreateDirectory(work);
            Directory.CreateDirectory(Path.GetDirectoryName(log)!);
            File.Delete(result);
            var launch = new LaunchSpec(Name, program, [DigestsVerb.Name, folder, result], Fleet.BuiltinRecipe.EnvironmentOf(work, null), work, log);
            return await child.EndOfAsync(launch, s_deadline, static () => { }, cancellationToken) is { Code: 0 } ? FileList.Parse(await File.ReadAllTextAsync(result, cancellationToken)) : null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or SpawnFailedException)
        {
            return null;
        }
        finally
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        }
    }
}
