using Helix.Core.Cli;
using Helix.SelfUpdate;
using Helix.Storage;

namespace Helix.Cli;

/// <summary>Where, on this machine, something can be told to start after a reboot.</summary>
/// <param name="Program">What is to be started, an absolute path.</param>
/// <param name="Home">The home it is started for; null when it is the default one.</param>
/// <param name="User">Name of the user.</param>
/// <param name="UserFolder">The folder of the user's own units.</param>
/// <param name="SystemFolder">The folder of the system's units; used by root alone.</param>
internal sealed record ServicePlace(ServiceKind Kind, string Program, string? Home, string User, string UserFolder, string SystemFolder)
{
    /// <summary>Where a program that is not compiled to native code finds its runtime; null where it needs no telling.</summary>
    public string? Runtime { get; init; }

    /// <summary>The folder that helix was built in, from whose repository it brings itself to newer versions; null for none.</summary>
    public string? CloneFolder { get; init; }

    /// <summary>A unit of user's starts before its first login only if this file is there.</summary>
    public string LingerFile => $"/var/lib/systemd/linger/{User}";

    public static ServicePlace OfMachine(HelixHome home)
    {
        var program = Lasting(ProgramInUse.Called);
        var profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var isDefault = home.Root == Path.Combine(profile, ".helixcode");
        var config = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } given ? given : Path.Combine(profile, ".config");
        var kind = OperatingSystem.IsMacOS() ? ServiceKind.Launchd
            : !Directory.Exists("/run/systemd/system") ? ServiceKind.None
            : Environment.IsPrivilegedProcess ? ServiceKind.System : ServiceKind.User;
        return new(
            kind, program, isDefault && kind != ServiceKind.System ? null : home.Root, Environment.UserName,
            kind == ServiceKind.Launchd ? Path.Combine(profile, "Library", "LaunchAgents") : Path.Combine(config, "systemd", "user"), "/etc/systemd/system")
        {
            Runtime = File.Exists(program + ".dll") && Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } runtime ? runtime : null,
            CloneFolder = ProgramInUse.Clone,
        };
    }

    /// <summary>
    /// The path under which the next build of a program will be found too: the launcher builds each into a folder of its own and has a link lead to the newest,
    /// and so do the releases in the home, one folder further up.
    /// </summary>
    public static string Lasting(string program)
    {
        var build = Path.GetDirectoryName(program)!;
        foreach (var above in new[] { Path.GetDirectoryName(build), Path.GetDirectoryName(Path.GetDirectoryName(build) ?? "/") }.OfType<string>())
            if (new FileInfo(Path.Combine(above, "current")).LinkTarget is { } target && Path.GetFullPath(target, above) == build) return Path.Combine(above, "current", Path.GetFileName(program));
        return program;
    }

    private IReadOnlyList<(string Name, string Value)> Variables =>
        [.. new[] { ("HELIX_HOME", Home), ("DOTNET_ROOT", Runtime), (ProgramInUse.CloneVariable, CloneFolder) }.Where(variable => variable.Item2 is not null).Select(variable => (variable.Item1, variable.Item2!))];

    /// <summary>What is to be written; null where there is nothing that starts programs.</summary>
    public ServicePlan? Plan() => Kind switch
    {
        ServiceKind.User => new(
            Path.Combine(UserFolder, "helix.service"), ServiceUnit.Systemd(Program, Variables, user: null), Path.Combine(UserFolder, "default.target.wants", "helix.service"),
            [
                new(["systemctl", "--user", "daemon-reload"], null, null),
                new(["loginctl", "enable-linger", User], LingerFile, $"helix starts when you log in; to have it start with the machine, run: sudo loginctl enable-linger {User}"),
            ]),
        ServiceKind.System => new(
            Path.Combine(SystemFolder, "helix.service"), ServiceUnit.Systemd(Program, Variables, User), Path.Combine(SystemFolder, "multi-user.target.wants", "helix.service"),
            [new(["systemctl", "daemon-reload"], null, null)]),
        ServiceKind.Launchd => new(Path.Combine(UserFolder, "dev.helixcode.helix.plist"), ServiceUnit.Launchd("dev.helixcode.helix", Program, Variables), null, []),
        _ => null,
    };
}

internal enum ServiceKind
{
    /// <summary>Nothing here starts programs after a reboot.</summary>
    None,
    User,
    System,
    Launchd,
}
