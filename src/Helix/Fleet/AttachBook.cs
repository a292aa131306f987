using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>An engine that the user named.</summary>
/// <param name="Remote">The user said that requests may leave this machine for it.</param>
internal sealed record AttachNote(string Id, string Url, string? Key, bool Remote);

/// <param name="Ignored">Addresses that helix found and the user wants to be left alone.</param>
internal sealed record AttachNotes(ImmutableArray<AttachNote> Attached, ImmutableArray<string> Ignored)
{
    public static AttachNotes Empty { get; } = new([], []);
}

/// <summary>Remembers what the user attached, in a file that only this user can read: keys are in it.</summary>
internal sealed class AttachBook(HelixHome home)
{
    private readonly string _file = Path.Combine(home.State, "attached.json");

    /// <exception cref="IOException">It is there and cannot be read; it is laid aside, so that nothing writes over it.</exception>
    public AttachNotes Read()
    {
        try
        {
            return File.Exists(_file) && JsonSerializer.Deserialize(File.ReadAllBytes(_file), AttachBookJson.Default.AttachNotes) is { Attached.IsDefault: false, Ignored.IsDefault: false } notes ? notes : AttachNotes.Empty;
        }
        catch (Exception unreadable) when (unreadable is UnauthorizedAccessException or JsonException)
        {
            File.Move(_file, _file + ".unreadable", overwrite: true);
            throw new IOException($"{_file} cannot be read, and is kept as {_file}.unreadable: {unreadable.Message}", unreadable);
        }
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(AttachNotes notes)
    {
        try
        {
            Directory.CreateDirectory(home.State);
            var beside = _file + ".new";
            using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                JsonSerializer.Serialize(file, notes, AttachBookJson.Default.AttachNotes);
            File.Move(beside, _file, overwrite: true);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(AttachNotes))]
internal sealed partial class AttachBookJson : JsonSerializerContext;
