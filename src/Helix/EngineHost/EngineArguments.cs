using System.Globalization;
using System.Text;

namespace Helix.EngineHost;

/// <summary>What the hidden verb <c>helix engine</c> was told.</summary>
/// <param name="Context">Tokens per slot; 0 means the model's own, at most 8192.</param>
/// <param name="Threads">Never 0: as many as were asked for, or one less than there are cores.</param>
/// <param name="Libraries">Folder of llama.cpp's native libraries.</param>
/// <param name="GpuLayers">Layers that are put on the device, if there is one; null means as many as fit.</param>
internal sealed record EngineArguments(
    string Model, string Socket, string Alias, int Slots, int Context, int Threads, string Libraries, int Queue, int? GpuLayers = null)
{
    /// <summary>A socket's path has room for 108 bytes, the closing zero included.</summary>
    private const int LongestSocketPath = 107;

    private const int MostSlots = 64;
    private const int MostContext = 4 * 1024 * 1024;
    private const int MostLayers = 1024;
    private const string AsManyAsFit = "auto";

    public const string Usage =
        "usage: helix engine --model PATH --socket PATH --alias ID [--slots 4] [--context 0] [--threads 0] [--libraries DIR] [--queue 64] [--gpu-layers auto]";

    /// <summary>Reads the arguments, or says everything that is wrong with them.</summary>
    public static EngineArguments? Parse(IReadOnlyList<string> arguments, string defaultLibraries, int cores, out IReadOnlyList<string> errors)
    {
        var found = new List<string>();
        errors = found;
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (arguments[i] is not ("--model" or "--socket" or "--alias" or "--slots" or "--context" or "--threads" or "--libraries" or "--queue"
                or "--gpu-layers"))
                found.Add($"{arguments[i]} is not known.");
            else if (i + 1 == arguments.Count)
                found.Add($"{arguments[i]} needs a value.");
            else if (!given.TryAdd(arguments[i], arguments[i + 1]))
                found.Add($"{arguments[i]} is given twice.");
        }

        var parsed = new EngineArguments(
            Text(given, "--model", found),
            Text(given, "--socket", found) is { Length: > 0 } socket ? Path.GetFullPath(socket) : "",
            Text(given, "--alias", found),
            Number(given, "--slots", 4, 1, MostSlots, found),
            Number(given, "--context", 0, 0, MostContext, found),
            Number(given, "--threads", 0, 0, 1024, found) is > 0 and var threads ? threads : Math.Max(1, cores - 1),
            given.GetValueOrDefault("--libraries", defaultLibraries),
            Number(given, "--queue", 64, 0, 100_000, found),
            given.GetValueOrDefault("--gpu-layers", AsManyAsFit) == AsManyAsFit ? null : Number(given, "--gpu-layers", 0, 0, MostLayers, found));
        if (Encoding.UTF8.GetByteCount(parsed.Socket) > LongestSocketPath)
            found.Add($"--socket is longer than the {LongestSocketPath} bytes a socket's path may have: {parsed.Socket}");
        return found.Count == 0 ? parsed : null;
    }

    private static string Text(Dictionary<string, string> given, string name, List<string> errors)
    {
        if (given.TryGetValue(name, out var value) && value.Length > 0)
            return value;
        errors.Add($"{name} is missing.");
        return "";
    }

    private static int Number(Dictionary<string, string> given, string name, int otherwise, int least, int most, List<string> errors)
    {
        if (!given.TryGetValue(name, out var text))
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        errors.Add($"{name} must be a whole number from {least} to {most}, not '{text}'.");
        return otherwise;
    }
}
