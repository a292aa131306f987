using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;
using Helix.Core.SelfUpdate;
using Helix.SelfUpdate;

namespace Helix.Cli;

internal static class VersionVerb
{
    /// <summary>For example <c>0.1.0</c>; a build from a commit adds its number.</summary>
    public static string Version { get; } =
        typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>With no more of a commit's number than tells it apart.</summary>
    public static string Short(string version) => BuildVersion.Short(version);

    /// <summary>With the name of the release where that says something else.</summary>
    public static string Named(string version, string? release) => release is null || release == Short(version) ? Short(version) : $"{Short(version)} (release {release})";

    public static Command Create(CliWorld world)
    {
        var verb = new Verb("version", "Show the version of this program.", "helix version", "helix version --format json");
        FormatOption.Add(verb);
        verb.SetAction(parse => parse.IsJson()
            ? world.Terminal.WriteJson(new(Version, RuntimeInformation.RuntimeIdentifier, RuntimeInformation.FrameworkDescription) { Release = ReleaseIn(world) }, CliJson.Default.VersionReport)
            : Print(world));
        return verb;
    }

    private static int Print(CliWorld world)
    {
        world.Terminal.Out.WriteLine($"helix {Named(Version, ReleaseIn(world))} ({RuntimeInformation.RuntimeIdentifier}, {RuntimeInformation.FrameworkDescription})");
        return ExitCodes.Ok;
    }

    /// <summary>The release that this program is; null where it lies outside of the home.</summary>
    private static string? ReleaseIn(CliWorld world) => new HelixReleases(world.Home).VersionOf(Environment.ProcessPath!);

    /// <summary>What <c>helix --version</c> does.</summary>
    internal sealed class Printed(CliWorld world) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult) => Print(world);
    }
}
