using System.Collections.Immutable;
using System.Text.Json;
using Helix.Core.Backup;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Backup;

/// <param name="Scratch">Name of the folder, among the backups, in which everything lies that was checked.</param>
/// <param name="Files">To be moved into the home, below <c>local-llm</c>.</param>
internal sealed record RestoreNote(string Scratch, ImmutableArray<string> Files);

/// <summary>
/// The last step of a restore: every file is moved into its place by a rename. It is written down before the first is moved, so that one that was
/// killed is brought to its end the next time that helix starts.
/// </summary>
internal sealed class RestoreJournal(HelixHome home)
{
    private static readonly string[] s_databaseJournals = ["-wal", "-shm"];

    private string NotePath => Path.Combine(home.Backups, "restore.json");

    /// <summary>Nothing was changed before this.</summary>
    public void Begin(RestoreNote note)
    {
        var beside = NotePath + ".new";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, note, BackupJson.Default.RestoreNote);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, NotePath, overwrite: true);
    }

    /// <summary>One was killed in its last step. Nothing ran in the home then, and nothing has since.</summary>
    public bool IsPending => Read() is not null;

    /// <summary>Brings one that was killed to its end, unless somebody is at work in the home.</summary>
    /// <exception cref="IOException">The disk refuses; the next try goes on from there.</exception>
    public void FinishWhileQuiet()
    {
        if (!IsPending) return;
        using var quiet = QuietHome.TryHold(home);
        if (quiet is not null) Finish();
    }

    /// <summary>Moves what is not in its place yet. Nobody uses the home.</summary>
    /// <returns>False where there was nothing to be done.</returns>
    /// <exception cref="IOException">The disk refuses; the next try goes on from there.</exception>
    public bool Finish()
    {
        if (Read() is not { } note) return false;
        var from = new HelixHome(Path.Combine(home.Backups, note.Scratch));
        foreach (var path in note.Files)
        {
            var (fresh, place) = (Path.Combine(from.LocalLlm, path), Path.Combine(home.LocalLlm, path));
            if (!File.Exists(fresh)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(place)!, HomeFolder.OwnerOnly);
            // what belongs to the database before would be read as if it belonged to the new one
            if (place == home.Database)
                foreach (var journal in s_databaseJournals) File.Delete(place + journal);
            File.Move(fresh, place, overwrite: true);
        }

        File.Delete(NotePath);
        if (Directory.Exists(from.Root)) Directory.Delete(from.Root, recursive: true);
        return true;
    }

    private RestoreNote? Read()
    {
        try
        {
            return File.Exists(NotePath) && JsonSerializer.Deserialize(File.ReadAllBytes(NotePath), BackupJson.Default.RestoreNote) is { Files.IsDefault: false } note
                && note.Scratch == Path.GetFileName(note.Scratch) && note.Files.All(path => BackupManifest.IsPath(path)) ? note : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
