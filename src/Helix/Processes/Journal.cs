using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Processes;

namespace Helix.Processes;

/// <summary>What a keeper writes down at each change, so that another can take over from it. See <see cref="RunFolder.Journal"/>.</summary>
/// <param name="Boot">The boot in which it was written; in another one it is about nobody.</param>
/// <param name="Keeper">Who wrote it.</param>
/// <param name="Daemon">The present daemon, and those that are leaving.</param>
/// <param name="DaemonCommand">How to start the next one.</param>
/// <param name="Trial">Null where that is known to be good.</param>
/// <param name="Undone">See <see cref="KeeperReply"/>.</param>
internal sealed record Journal(
    string Boot, ProcessIdentity Keeper, ImmutableArray<ProcessIdentity> Daemon, DaemonCommand DaemonCommand, ImmutableArray<JournalEntry> Children,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ProgramTrial? Trial = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Undone = null)
{
    /// <summary>Null when there is none of this boot that can be read: then there is nothing to take over.</summary>
    public static Journal? Load(RunFolder folder)
    {
        try
        {
            var journal = JsonSerializer.Deserialize(File.ReadAllBytes(folder.Journal), KeeperJson.Default.Journal);
            return journal?.Boot == ProcessTable.BootId() ? journal : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Save(RunFolder folder, KeeperLog log) =>
        AtomicFile.Write(folder.Journal, JsonSerializer.SerializeToUtf8Bytes(this, KeeperJson.Default.Journal), log);

    public static bool IsAlive(ProcessIdentity identity) => ProcessTable.IsAlive(identity.Pid, identity.StartTicks);
}

/// <param name="Exit">An end that nobody has acknowledged yet.</param>
internal sealed record JournalEntry(ProcessIdentity Identity, string LogFile, ProcessExit? Exit);

/// <summary>How the daemon is started.</summary>
internal sealed record DaemonCommand(string FileName, ImmutableArray<string> Arguments);

/// <param name="Before">How the daemon was started before, and is again if it goes wrong.</param>
internal sealed record ProgramTrial(DaemonTrial State, DaemonCommand Before);
