using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Storage;

namespace Helix.Gateway;

/// <summary>
/// Requests that are kept on the disk: one file for each in a folder that only this user can enter, the oldest go first. No backup has them, and none is left once
/// <c>gateway.capture</c> is false.
/// </summary>
/// <param name="folder">Null where there is no home; then nothing is kept.</param>
internal sealed class CaptureShelf(string? folder, Func<HelixConfig> config, TimeProvider time)
{
    private const string Ending = ".json";

    /// <summary>Letters of a name that tell its moment, in hexadecimal milliseconds since 1970.</summary>
    private const int MomentLength = 12;

    private const int IdLength = 16;

    private static readonly SearchValues<char> s_idLetters = SearchValues.Create("0123456789abcdef");

    /// <summary>Held by whoever changes the folder.</summary>
    private readonly Lock _gate = new();

    /// <summary>That lie there, about: another daemon may write, too, while it leaves.</summary>
    private long _bytes;
    private int _number;

    public bool IsOn => folder is not null && config().Gateway.Capture;

    private long MostBytes => (long)config().Gateway.CaptureMegabytes << 20;

    /// <summary>A name that sorts by its moment.</summary>
    public string NextId() => string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().ToUnixTimeMilliseconds():x12}{(ushort)Interlocked.Increment(ref _number):x4}");

    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Keep(CaptureReport capture)
    {
        lock (_gate)
        {
            if (folder is null || !IsOn) return;
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, HomeFolder.OwnerOnly);
            var beside = Path.Combine(folder, "next.new");
            using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                JsonSerializer.Serialize(file, capture, CaptureJson.Default.CaptureReport);
                _bytes += file.Length;
            }

            File.Move(beside, Path.Combine(folder, capture.Id + Ending), overwrite: true);
            if (_bytes > MostBytes) SweepAll(folder);
        }
    }

    /// <summary>Throws away what is too old or too much; all of it where nothing is to be kept.</summary>
    /// <returns>Whether nothing is to be, and nothing is left.</returns>
    /// <exception cref="IOException">It has to stay.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public bool Sweep()
    {
        if (folder is null) return true;
        lock (_gate)
        {
            var isOn = IsOn;
            if (isOn) SweepAll(folder);
            else ClearAll(folder);
            return !isOn;
        }
    }

    /// <returns>How many there were.</returns>
    /// <exception cref="IOException">Some have to stay.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public int Clear()
    {
        if (folder is null) return 0;
        lock (_gate) return ClearAll(folder);
    }

    /// <summary>The newest first, each read when its turn comes: all of them may be long.</summary>
    public IEnumerable<CaptureReport> Newest(int most)
    {
        if (folder is null) return [];
        lock (_gate) return Ids(folder).Select(Find).OfType<CaptureReport>().Take(most);
    }

    /// <returns>Null where there is none, or no more.</returns>
    public CaptureReport? Find(string id)
    {
        if (folder is null || !IsId(id)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, id + Ending)), CaptureJson.Default.CaptureReport);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static bool IsId(string id) => id.Length == IdLength && !id.AsSpan().ContainsAnyExcept(s_idLetters);

    /// <summary>The newest first.</summary>
    private static string[] Ids(string within)
    {
        if (!Directory.Exists(within)) return [];
        return [.. Directory.EnumerateFiles(within, "*" + Ending).Select(file => Path.GetFileNameWithoutExtension(file)).Where(IsId).OrderDescending(StringComparer.Ordinal)];
    }

    private void SweepAll(string from)
    {
        var oldest = time.GetUtcNow().AddDays(-config().Gateway.CaptureDays).ToUnixTimeMilliseconds();
        var (kept, most) = (0L, MostBytes);
        foreach (var id in Ids(from))
        {
            var file = new FileInfo(Path.Combine(from, id + Ending));
            var length = file.Exists ? file.Length : 0;
            if (kept + length <= most && long.Parse(id.AsSpan(0, MomentLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >= oldest) kept += length;
            else file.Delete();
        }

        _bytes = kept;
    }

    private int ClearAll(string from)
    {
        _bytes = 0;
        if (!Directory.Exists(from)) return 0;
        var count = Ids(from).Length;
        Directory.Delete(from, recursive: true);
        return count;
    }
}
