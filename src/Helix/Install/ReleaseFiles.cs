using System.Text;

namespace Helix.Install;

/// <summary>The files of ours that belong to a release.</summary>
internal static class ReleaseFiles
{
    private const string Step = "laying files";

    public static async Task<InstallOutcome.Failed?> LayAsync(InstallRun run, CancellationToken cancellationToken)
    {
        var job = run.Job;
        if (job.Way.Files.IsEmpty) return null;
        run.Begin(Step);
        foreach (var file in job.Way.Files)
        {
            try
            {
                var path = Path.GetFullPath(run.Fill(file.Path, job.Staging), job.Staging);
                if (!path.StartsWith(job.Staging.TrimEnd('/') + "/", StringComparison.Ordinal)) return new(Step, $"{file.Path} does not lie in the release", "Begin the path with {release}/ in the manifest.", false);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                if (file.From is null)
                {
                    // what is written down must be true of the path that the release will have
                    await File.WriteAllTextAsync(path, string.Concat(file.Lines.Select(line => run.Fill(line, job.Final) + "\n")), new UTF8Encoding(false), cancellationToken);
                    continue;
                }

                await using var ours = run.Ground.OurFile(file.From);
                if (ours is null) return new(Step, $"helix comes with no file {file.From}", "Correct files in the manifest.", false);
                await using var target = new FileStream(path, FileMode.Create, FileAccess.Write);
                await ours.CopyToAsync(target, cancellationToken);
            }
            catch (KeyNotFoundException)
            {
                return new(Step, $"{file.Path} names something in braces that is not known before the engine is started", "Write such a file under launch.files in the manifest.", false);
            }
        }

        return null;
    }
}
