using System.Collections.Immutable;
using Helix.Core.Install;

namespace Helix.Install;

/// <summary>Packages of npm, with the user's own settings: his registry, his proxy, his credentials. No script of a package runs.</summary>
internal static class NpmInstall
{
    private const string Lock = "package-lock.json";

    /// <summary>What must not lead npm elsewhere, whatever the user set for his own projects.</summary>
    private static readonly ImmutableArray<(string, string?)> s_environment =
    [
        ("npm_config_global", null), ("npm_config_location", null), ("npm_config_prefix", null), ("npm_config_omit", null), ("npm_config_include", null), ("npm_config_dry_run", null), ("NODE_ENV", null), ("NODE_OPTIONS", null),
    ];

    public static async Task<InstallOutcome> FillAsync(InstallRun run, CancellationToken cancellationToken)
    {
        var (job, way) = (run.Job, run.Job.Way);
        var step = $"installing {way.Package} {job.Version} from npm";
        await File.WriteAllTextAsync(Path.Combine(job.Staging, "package.json"), "{\"name\": \"release\", \"private\": true}\n", cancellationToken);
        string[] arguments =
        [
            "install", $"{way.Package}@{job.Version}", .. way.Packages.Select(package => run.Fill(package, job.Staging)), "--prefix", job.Staging, "--save-exact", "--package-lock=true",
            "--ignore-scripts", "--omit=dev", .. Quiet(run),
        ];
        var call = new ToolCall(step, run.PathOf(Tool.Npm), arguments, job.Staging) { Environment = s_environment };
        if (await run.CallAsync(call, cancellationToken) is { } failed) return failed;
        var file = Path.Combine(job.Staging, Lock);
        if (!File.Exists(file) || PackageLock.Read(await File.ReadAllBytesAsync(file, cancellationToken)) is not { IsEmpty: false } packages)
            return new InstallOutcome.Failed(step, $"npm left no {Lock} with the digests of what it fetched", $"See {job.LogFile} for all that it said; npm 9 or newer is known to work.", false);
        return new InstallOutcome.Done([.. packages.Select(package => new FetchedDigest($"{package.Name}@{package.Version}", package.Algorithm, package.Value, DigestFrom.Registry))]);
    }

    /// <summary>Fetches one packed package into a folder, without what it depends on. npm has checked it against its registry's digest.</summary>
    public static async Task<InstallOutcome.Failed?> PackAsync(InstallRun run, string folder, CancellationToken cancellationToken)
    {
        var (job, way) = (run.Job, run.Job.Way);
        string[] arguments = ["pack", $"{way.Package}@{job.Version}", "--pack-destination", folder, "--ignore-scripts", .. Quiet(run)];
        return await run.CallAsync(new ToolCall($"downloading {way.Package} {job.Version} from npm", run.PathOf(Tool.Npm), arguments, folder) { Environment = s_environment }, cancellationToken);
    }

    private static IEnumerable<string> Quiet(InstallRun run) =>
    [
        "--cache", Path.Combine(run.Job.Cache, "npm"), "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--loglevel=error",
        .. run.Ground.Web.Offline ? (string[])["--offline"] : ["--prefer-offline"],
    ];
}
