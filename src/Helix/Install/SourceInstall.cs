using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Helix.Core.Install;
using Helix.Storage;

namespace Helix.Install;

/// <summary>
/// Builds a program with cmake. The work lies in the cache under a name made of everything that matters to it,
/// so that a build that was broken off goes on where it was; it is gone when the release has its files.
/// </summary>
internal sealed class SourceInstall(InstallRun run)
{
    private readonly string _work = Path.Combine(run.Job.Cache, "work", $"{run.Job.Provider}-{run.Job.Version}-{Key(run.Job)}");
    private readonly List<FetchedDigest> _digests = [];

    private string Source => Path.Combine(_work, "source");

    private string Build => Path.Combine(_work, "build");

    /// <summary>Written when the source is there whole; holds the digests of what it came from.</summary>
    private string Arrived => Path.Combine(_work, "arrived");

    public async Task<InstallOutcome> FillAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_work);
        if (await FetchAsync(cancellationToken) is { } unfetched) return unfetched;
        if (await ConfigureAsync(cancellationToken) is { } unconfigured) return unconfigured;
        if (await BuildAsync(cancellationToken) is { } unbuilt) return unbuilt;
        if (Keep() is { } lost) return lost;
        return new InstallOutcome.Done([.. _digests]) { Scrap = _work };
    }

    private static string Key(InstallJob job)
    {
        var way = job.Way;
        var all = string.Join('\n', [way.Package ?? "", way.Url ?? "", way.Bundle ?? "", .. way.Options]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..12];
    }

    private async Task<InstallOutcome.Failed?> FetchAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(Arrived))
        {
            foreach (var line in await File.ReadAllLinesAsync(Arrived, cancellationToken))
                if (line.Split('\t') is [var what, var algorithm, var value, var from] && Enum.TryParse<DigestFrom>(from, out var source)) _digests.Add(new(what, algorithm, value, source));
            return null;
        }

        // what an earlier attempt left half
        Drop(Source);
        Drop(Build);
        var failed = run.Job.Way.Package is null ? await FromArchiveAsync(cancellationToken) : await FromPackageAsync(cancellationToken);
        if (failed is not null) return failed;
        var beside = Arrived + ".new";
        await File.WriteAllLinesAsync(beside, _digests.Select(digest => $"{digest.What}\t{digest.Algorithm}\t{digest.Value}\t{digest.From}"), cancellationToken);
        File.Move(beside, Arrived, overwrite: true);
        return null;
    }

    private async Task<InstallOutcome.Failed?> FromPackageAsync(CancellationToken cancellationToken)
    {
        var (job, way) = (run.Job, run.Job.Way);
        var packed = Path.Combine(_work, "packed");
        Drop(packed);
        Directory.CreateDirectory(packed);
        if (await NpmInstall.PackAsync(run, packed, cancellationToken) is { } failed) return failed;
        var step = $"unpacking {way.Package}";
        if (Directory.GetFiles(packed, "*.tgz") is not [var file]) return new(step, $"npm packed no file of {way.Package} {job.Version}", $"See {job.LogFile}.", false);
        await using (var stream = File.OpenRead(file))
            _digests.Add(new($"{way.Package}@{job.Version}", "sha512", Convert.ToHexStringLower(await SHA512.HashDataAsync(stream, cancellationToken)), DigestFrom.Registry));
        run.Begin(step);
        var bundle = Path.Combine(_work, "source.bundle");
        if (!await TakeOutAsync(file, "package/" + way.Bundle, bundle, cancellationToken)) return new(step, $"{way.Package} {job.Version} has no file {way.Bundle}", "Correct bundle in the manifest.", false);

        string[] arguments = ["-c", "advice.detachedHead=false", "clone", "--quiet", bundle, Source];
        var clone = new ToolCall(step, run.PathOf(Tool.Git), arguments, _work) { Environment = GitCheckout.Environment };
        if (await run.CallAsync(clone, cancellationToken) is { } unread) return unread;
        Drop(packed);
        File.Delete(bundle);
        return null;
    }

    private async Task<InstallOutcome.Failed?> FromArchiveAsync(CancellationToken cancellationToken)
    {
        var url = new Uri(run.Job.Way.Url!.Replace("{version}", run.Job.Version, StringComparison.Ordinal));
        switch (await new AssetFetch(run).FetchAsync(url, Path.GetFileName(url.AbsolutePath), null, cancellationToken))
        {
            case FetchedAsset.Failed(var failed): return failed;
            case FetchedAsset.Done fetched:
                _digests.Add(fetched.Digest);
                var unpacked = Path.Combine(_work, "unpacked");
                Drop(unpacked);
                if (await ArchiveUnpack.RunAsync(run, fetched, unpacked, 0, cancellationToken) is { } bad) return bad;
                // an archive of a release has one folder at its top
                var inner = Directory.GetFileSystemEntries(unpacked) is [var only] && Directory.Exists(only) ? only : unpacked;
                Directory.Move(inner, Source);
                Drop(unpacked);
                return null;
            default: throw new InvalidOperationException("a fetch ends well or not");
        }
    }

    private async Task<InstallOutcome.Failed?> ConfigureAsync(CancellationToken cancellationToken)
    {
        string[] generator = run.Has(Tool.Ninja) ? ["-G", "Ninja", $"-DCMAKE_MAKE_PROGRAM={run.PathOf(Tool.Ninja)}"] : [];
        string[] arguments = ["-S", Source, "-B", Build, .. generator, .. run.Job.Way.Options.Select(option => run.Fill(option, run.Job.Staging))];
        return await run.CallAsync(new ToolCall($"preparing to build {run.Job.Way.Target}", run.PathOf(Tool.CMake), arguments, _work) { Gentle = true }, cancellationToken);
    }

    private async Task<InstallOutcome.Failed?> BuildAsync(CancellationToken cancellationToken)
    {
        var (job, target) = (run.Job, run.Job.Way.Target!);
        // ninja itself, not by cmake: its children are in groups of their own, and it ends them only when it is asked to end
        var (program, arguments) = run.Has(Tool.Ninja)
            ? (run.PathOf(Tool.Ninja), (string[])["-C", Build, "-j", $"{InstallGround.Jobs}", target])
            : (run.PathOf(Tool.CMake), ["--build", Build, "--target", target, "--parallel", $"{InstallGround.Jobs}"]);
        return await run.CallAsync(
            new ToolCall($"building {target}", program, arguments, _work)
            {
                Gentle = true,
                Deadline = TimeSpan.FromHours(12),
                Line = line =>
                {
                    if (BuildProgress.In(line) is var (done, total)) job.Report(new InstallProgress(total == 100 ? $"building {target} {done} %" : $"building {target} {done}/{total}"));
                },
            },
            cancellationToken);
    }

    private InstallOutcome.Failed? Keep()
    {
        var job = run.Job;
        var step = $"keeping {string.Join(", ", job.Way.Keep)}";
        run.Begin(step);
        foreach (var pattern in job.Way.Keep.Select(pattern => run.Fill(pattern, job.Staging)))
        {
            string[] files = [.. FileTree.Files(Build).Where(file => !Directory.Exists(file) && FileSystemName.MatchesSimpleExpression(pattern, Path.GetRelativePath(Build, file), ignoreCase: false))];
            if (files.Length == 0) return new(step, $"the build made no file {pattern}", "Correct target or keep in the manifest.", false);
            foreach (var file in files) File.Copy(file, Path.Combine(job.Staging, Path.GetFileName(file)), overwrite: true);
        }

        return null;
    }

    /// <summary>Writes one file of a packed npm package; false where it has none of that name.</summary>
    private static async Task<bool> TakeOutAsync(string packed, string name, string target, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(packed);
        await using var unzipped = new GZipStream(stream, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (entry is not { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } data } || entry.Name != name) continue;
            await using var file = new FileStream(target, FileMode.Create, FileAccess.Write);
            await data.CopyToAsync(file, cancellationToken);
            return true;
        }

        return false;
    }

    private static void Drop(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
