using System.Globalization;
using Helix.Core.Processes;
using Helix.Storage;

namespace Helix.Processes;

/// <summary>The short folder that holds the sockets of one home; <c>local-llm/run</c> links to it. Only its owner can enter it.</summary>
/// <param name="Path">The folder itself, never the link: a socket's path has room for 107 bytes.</param>
internal sealed record RunFolder(string Path)
{
    /// <summary>Where the daemon answers helix's own API without a key.</summary>
    public string Socket => System.IO.Path.Combine(Path, "helix.sock");

    public string KeeperSocket => System.IO.Path.Combine(Path, "keeper.sock");

    /// <summary>The daemon's pid, the only file of this ending.</summary>
    public string PidFile => System.IO.Path.Combine(Path, "helix.pid");

    /// <summary>The gateway's IP address and port.</summary>
    public string Address => System.IO.Path.Combine(Path, "address");

    /// <summary>Written over and over while a daemon lives: who comes after it knows since when nobody was there.</summary>
    public string Heartbeat => System.IO.Path.Combine(Path, "heartbeat");

    public string Lock => System.IO.Path.Combine(Path, "keeper.lock");

    public string Journal => System.IO.Path.Combine(Path, "children.json");

    /// <summary>In a folder of its own: all else here is closed to the engine.</summary>
    public string EngineSocket(int number) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"engine-{number}"), "s.sock");

    /// <summary>The folder of a home where something runs or ran; null where there is none, or one that is not ours alone.</summary>
    public static RunFolder? Find(HelixHome home) =>
        Target(home) is { } target && Trouble(target) is null ? new RunFolder(target) : null;

    /// <summary>What is wrong with the folder that a home's link leads to; null when it can be used, or is not there.</summary>
    public static RunFolderOutcome.Refused? Unusable(HelixHome home) =>
        Target(home) is { } target && PathOwner.Of(target) is not null ? Trouble(target) : null;

    /// <summary>A home whose link is gone has been left in good order; one that still has it ran until it was switched off or killed.</summary>
    public static bool IsLinked(HelixHome home) => Target(home) is not null;

    /// <summary>Makes the home and its run folder, or finds them. A link into nothing (a reboot empties <c>/tmp</c>) is replaced.</summary>
    public static RunFolderOutcome Prepare(HelixHome home)
    {
        try
        {
            HomeFolder.Make(home);
            if (Find(home) is { } found)
                return new RunFolderOutcome.Ready(found);
            if (KeeperLock.Holder(home) is not null && KeeperControl.WhyUnreachable(home) is { } unreachable)
                return unreachable;

            var folder = PlaceFor(home);
            Directory.CreateDirectory(folder, HomeFolder.OwnerOnly);
            if (Trouble(folder) is { } trouble)
                return trouble;
            if (PathOwner.Of(home.RunLink) is { IsFolder: true })
                return new RunFolderOutcome.Refused($"{home.RunLink} is a folder of its own, but helix keeps a link there.", "Move it away and start helix again.");
            Link(home, folder);
            return new RunFolderOutcome.Ready(new RunFolder(folder));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new RunFolderOutcome.Refused(
                $"helix cannot write to its home {home.Root}: {exception.Message}",
                "Make the folder writable for you, or set HELIX_HOME to one that is.");
        }
    }

    /// <summary>Where the folder of a home is made.</summary>
    public static string PlaceFor(HelixHome home) => RunFolderName.For(home.Root, UsableRuntimeFolder(), NativeLibc.UserId());

    /// <summary>Takes away the folder, all in it, and the link; what somebody else took away already is no trouble.</summary>
    public void Remove(HelixHome home)
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        if (Target(home) == Path)
            File.Delete(home.RunLink);
    }

    // another start may be making the same link at this moment
    private static void Link(HelixHome home, string folder)
    {
        if (Target(home) == folder)
            return;
        File.Delete(home.RunLink);
        try
        {
            File.CreateSymbolicLink(home.RunLink, folder);
        }
        catch (IOException) when (Target(home) == folder)
        {
        }
    }

    private static string? Target(HelixHome home) => new FileInfo(home.RunLink).LinkTarget is { Length: > 0 } target && target[0] == '/' ? target : null;

    private static string? UsableRuntimeFolder() =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder
        && PathOwner.Of(folder) is { IsFolder: true, IsPrivate: true } owner && owner.User == NativeLibc.UserId() ? folder : null;

    private static RunFolderOutcome.Refused? Trouble(string folder) => PathOwner.Of(folder) switch
    {
        null => new($"{folder} is not there.", "Start helix again; it makes the folder anew."),
        { IsFolder: false } => new($"{folder}, where helix keeps its sockets, is not a folder but a link or a file.", "See who put it there, remove it, and start helix again."),
        { User: var user } when user != NativeLibc.UserId() => new(
            $"{folder}, where helix keeps its sockets, belongs to the user with the number {user} and not to you ({NativeLibc.UserId()}).",
            "Have it removed by its owner or an administrator, or set XDG_RUNTIME_DIR to a folder that only you can enter."),
        { IsOpenToWriting: true } => new($"{folder}, where helix keeps its sockets, can be written by other users.", $"Look at what is in it, then run: chmod 700 {folder}"),
        { IsOwnersAlone: false } => Close(folder),
        _ => null,
    };

    // nobody else could put anything in, so there is nothing to look at: it is closed again
    private static RunFolderOutcome.Refused? Close(string folder)
    {
        try
        {
            File.SetUnixFileMode(folder, HomeFolder.OwnerOnly);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new($"{folder}, where helix keeps its sockets, has the wrong mode, and it cannot be set right: {exception.Message}", $"Run: chmod 700 {folder}");
        }
    }
}

/// <summary>What came of preparing the run folder.</summary>
internal abstract record RunFolderOutcome
{
    private RunFolderOutcome() { }

    internal sealed record Ready(RunFolder Folder) : RunFolderOutcome;

    internal sealed record Refused(string Reason, string Remedy) : RunFolderOutcome;
}
