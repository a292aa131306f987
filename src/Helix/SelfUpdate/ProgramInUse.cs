using Helix.Core.SelfUpdate;
using Helix.Processes;
using Helix.Storage;

namespace Helix.SelfUpdate;

/// <summary>
/// The command line goes on as the helix that is used: what the launcher built last, or the release that helix brought itself to, whichever came later.
/// So <c>start</c> and <c>restart</c> start that one, and a command and the daemon that it talks to are of one version.
/// </summary>
internal static class ProgramInUse
{
    /// <summary>Path of the program that was called; where it is set, nobody goes on as another.</summary>
    public const string CalledVariable = "HELIX_CALLED";

    /// <summary>The folder that helix was built in, told by the launcher.</summary>
    public const string CloneVariable = "HELIX_CLONE";

    /// <summary>What the launcher puts beside a program when it begins to build it.</summary>
    private const string StampName = ".stamp";

    /// <summary>The program that was called, in whose place this one may be.</summary>
    public static string Called => Environment.GetEnvironmentVariable(CalledVariable) is { Length: > 0 } called ? called : Environment.ProcessPath!;

    public static string? Clone => Environment.GetEnvironmentVariable(CloneVariable) is { Length: > 0 } clone ? clone : null;

    /// <summary>Returns where this is the one that is used, or the other cannot be run.</summary>
    public static void Become(IReadOnlyList<string> arguments, HelixHome home)
    {
        if (Environment.GetEnvironmentVariable(CalledVariable) is { Length: > 0 } || Other(home, Environment.ProcessPath!) is not { } other) return;
        var environment = KeeperEnvironment.Ours();
        environment[CalledVariable] = Environment.ProcessPath!;
        NativeExec.Become(other, arguments, environment);
    }

    /// <returns>Null where it is the program itself.</returns>
    public static string? Other(HelixHome home, string self)
    {
        var releases = new HelixReleases(home);
        if (releases.InUse is not var (version, program, installed)) return null;
        var own = releases.VersionOf(self);
        return own != version && ReleaseChoice.IsReleaseUsed(own is not null, Built(self), installed) ? program : null;
    }

    private static DateTimeOffset Built(string program)
    {
        var stamp = new FileInfo(Path.Combine(Path.GetDirectoryName(program)!, StampName));
        return stamp.Exists ? stamp.LastWriteTimeUtc : File.GetLastWriteTimeUtc(program);
    }
}
