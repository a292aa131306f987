using Helix.Core.Manifests;

namespace Helix.Install;

/// <summary>A file of a release: an archive that is unpacked, or the program itself.</summary>
internal static class AssetInstall
{
    private const UnixFileMode Program = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static async Task<InstallOutcome> FillAsync(InstallRun run, CancellationToken cancellationToken)
    {
        switch (await new AssetFetch(run).FetchAsync(cancellationToken))
        {
            case FetchedAsset.Failed(var failed): return failed;
            case FetchedAsset.Done fetched:
                if (run.Job.Way.Kind == InstallKind.Binary) Place(run, fetched.Path);
                else if (await ArchiveUnpack.RunAsync(run, fetched, run.Job.Staging, run.Job.Way.Strip, cancellationToken) is { } refused) return refused;
                return new InstallOutcome.Done([fetched.Digest]) { Fetched = fetched };
            default: throw new InvalidOperationException("a fetch ends well or not");
        }
    }

    private static void Place(InstallRun run, string file)
    {
        run.Begin($"placing {run.Job.Way.Program}");
        var target = Path.Combine(run.Job.Staging, Path.GetFileName(run.Job.Way.Program!));
        File.Copy(file, target, overwrite: true);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(target, Program);
    }
}
