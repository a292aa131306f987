using System.Globalization;

namespace Helix.Bench.Measuring;

/// <summary>How the engine answers.</summary>
internal enum LoadKind
{
    /// <summary>In one piece.</summary>
    Plain,

    /// <summary>In events, as fast as they are taken.</summary>
    Streamed,

    /// <summary>In events, one each <see cref="LoadShape.Pace"/> microseconds.</summary>
    Paced,
}

/// <summary>What clients do: each asks again as soon as it has its answer.</summary>
/// <param name="Prompt">Its length in bytes.</param>
internal sealed record LoadShape(LoadKind Kind, int Connections, int Prompt = LoadShape.Short)
{
    public const int Short = 512;
    public const int Medium = 16 << 10;
    public const int Long = 256 << 10;

    public const int Pace = 5000;

    private const double Seconds = 1.5;

    /// <summary>One event each five milliseconds is not much to measure.</summary>
    private const double SecondsAlone = 5;

    /// <summary>Streams whose events happen to come together cost half of what they do where each comes by itself, and they stay as they began: some turns make the mean of both.</summary>
    private const int PacedTurns = 6;

    /// <summary>Of more streams, some always come together.</summary>
    private const int MostApart = 64;

    /// <summary>That belong together.</summary>
    public int Turns => Kind == LoadKind.Paced && Connections is > 1 and <= MostApart ? PacedTurns : 1;

    public bool IsShort => Prompt == Short;

    public bool IsSingle => Connections == 1;

    public string Words => string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()}, {Connections} {(IsSingle ? "connection" : "connections")}{(IsShort ? "" : $", prompts of {Prompt >> 10} KiB")}");

    /// <summary>As <c>bench/load</c> takes them.</summary>
    public IEnumerable<string> Arguments => Kind switch
    {
        LoadKind.Plain => Common(Seconds, 4 * Connections),
        LoadKind.Streamed => ["-s", .. Common(Seconds, Connections)],
        _ => ["-s", "-i", Number(Pace), .. Common(IsSingle ? SecondsAlone : Seconds, 0)],
    };

    private string[] Common(double seconds, int warmUp) => ["-c", Number(Connections), "-B", Number(Prompt), "-T", seconds.ToString(CultureInfo.InvariantCulture), "-w", Number(warmUp)];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
