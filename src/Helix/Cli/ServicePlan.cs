using Helix.Processes;

namespace Helix.Cli;

/// <summary>The files that make helix come back after a reboot.</summary>
/// <param name="Link">What enables the unit; null where the file alone does.</param>
internal sealed record ServicePlan(string File, string Content, string? Link, IReadOnlyList<ServiceCommand> Commands)
{
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Install()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, Content);
        if (Link is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Link)!);
        if (new FileInfo(Link).LinkTarget == File) return;
        System.IO.File.Delete(Link);
        System.IO.File.CreateSymbolicLink(Link, File);
    }

    /// <returns>False when nothing was there.</returns>
    public bool Remove()
    {
        var there = System.IO.File.Exists(File);
        if (Link is not null) System.IO.File.Delete(Link);
        System.IO.File.Delete(File);
        return there;
    }

    /// <summary>Runs the commands that the files alone cannot replace.</summary>
    /// <returns>What a user should know of those that failed.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync(TimeProvider time)
    {
        var notes = new List<string>();
        foreach (var command in Commands)
        {
            if (command.DoneWhen is { } file && System.IO.File.Exists(file)) continue;
            if (!await command.RunAsync(time) && command.Otherwise is { } note) notes.Add(note);
        }

        return notes;
    }
}

/// <param name="Words">The program, found in the usual folders, and its arguments.</param>
/// <param name="DoneWhen">A file whose presence makes the command needless.</param>
/// <param name="Otherwise">What to say when it fails; null where that does not matter.</param>
internal sealed record ServiceCommand(IReadOnlyList<string> Words, string? DoneWhen, string? Otherwise)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    /// <returns>False when it is not there, fails or takes too long.</returns>
    public async Task<bool> RunAsync(TimeProvider time)
    {
        string[] folders = ["/usr/bin", "/bin", "/usr/local/bin"];
        if (folders.Select(folder => Path.Combine(folder, Words[0])).FirstOrDefault(File.Exists) is not { } program) return false;
        try
        {
            var pid = NativeSpawn.Start(new(Words[0], program, [.. Words.Skip(1)], KeeperEnvironment.Ours(), "/", "/dev/null"), []);
            var started = time.GetTimestamp();
            while (time.GetElapsedTime(started) < s_patience)
            {
                if (NativeLibc.Collect(pid, out var status) == pid) return status == 0;
                await Task.Delay(s_look, time);
            }

            return false;
        }
        catch (SpawnFailedException)
        {
            return false;
        }
    }
}
