using System.Collections.Immutable;
using System.IO.Compression;

namespace Helix.Install;

/// <summary>A Python package, or a wheel of a release, in an environment of its own.</summary>
internal static class PythonInstall
{
    public static async Task<InstallOutcome> FillAsync(InstallRun run, CancellationToken cancellationToken)
    {
        var (job, way) = (run.Job, run.Job.Way);
        ImmutableArray<string> more = [.. way.Packages.Select(package => run.Fill(package, job.Staging))];
        if (way.Package is { } package) return await new PythonEnvironment(run, [$"{package}=={job.Version}", .. more], null, []).FillAsync(cancellationToken);

        var url = new Uri(way.Url!.Replace("{version}", job.Version, StringComparison.Ordinal));
        var fetch = new AssetFetch(run);
        switch (job.Asset is null ? await fetch.FetchAsync(url, Path.GetFileName(url.AbsolutePath), null, cancellationToken) : await fetch.FetchAsync(cancellationToken))
        {
            case FetchedAsset.Failed(var failed): return failed;
            case FetchedAsset.Done fetched:
                var made = await new PythonEnvironment(run, more, fetched.Path, []).FillAsync(cancellationToken);
                if (made is InstallOutcome.Failed unfit) return unfit with { Waits = unfit.Waits || IsDamaged(fetched) };
                return made is InstallOutcome.Done(var digests) ? new InstallOutcome.Done([fetched.Digest, .. digests.Where(each => each.What != Path.GetFileName(fetched.Path))]) { Fetched = fetched } : made;
            default: throw new InvalidOperationException("a fetch ends well or not");
        }
    }

    /// <summary>A wheel is a zip; pip may have failed for many other reasons.</summary>
    private static bool IsDamaged(FetchedAsset.Done fetched)
    {
        try
        {
            using var zip = ZipFile.OpenRead(fetched.Path);
            foreach (var entry in zip.Entries)
            {
                using var content = entry.Open();
                content.CopyTo(Stream.Null);
            }

            return false;
        }
        catch (InvalidDataException)
        {
            return fetched.Doubt();
        }
    }
}
