using System.Collections.Immutable;
using Helix.Core.Sandbox;
using Helix.Processes;

namespace Helix.Sandbox;

/// <summary>
/// The hidden verb <c>helix sandbox SPEC -- COMMAND</c>: what has to be done outside before an engine is shut in, then it becomes the tool that does so.
/// </summary>
internal static class SandboxVerb
{
    public const int Refused = 125;

    public static int Run(string[] args)
    {
        if (SandboxText.Parse(args) is not (var spec, var command)) return Say("helix sandbox is started by helix itself");
        try
        {
            if (spec.User is not null) foreach (var path in spec.Shared) Ownership.OpenToGroup(path, EngineUser.Group);
            var limits = spec.Limits;
            if (limits is not null && !ControlGroups.Join(limits).IsSupersetOf(limits.MemoryBytes is null ? ["pids"] : ["memory", "pids"])) limits = limits with { ByResource = true };
            ImmutableArray<string> inside = [spec.Helix, SandboxText.Inner, SandboxText.Of(spec with { Limits = limits }), SandboxText.End, .. command];
            var line = SandboxLine.Of(spec, Devices(spec), inside);
            NativeConfinement.HoldEnd();
            return Say($"{line[0]} could not be started: {NativeExec.Become(line[0], line[1..], OwnEnvironment())}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return Say(refused.Message);
        }
    }

    /// <summary>Device files that are there now.</summary>
    public static ImmutableArray<string> Devices(SandboxSpec spec) =>
    [
        .. spec.Devices.SelectMany(pattern => Directory.Exists(Path.GetDirectoryName(pattern)) ? Directory.EnumerateFiles(Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern)) : [])
            .Order(StringComparer.Ordinal),
    ];

    public static Dictionary<string, string> OwnEnvironment() => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal);

    public static int Say(string words)
    {
        Console.Error.WriteLine($"sandbox: {words}");
        return Refused;
    }
}
