using System.Text;
using Helix.Core.Cli;

namespace Helix.Cli;

/// <summary>Where words come from and go to: data to <see cref="Out"/>, everything said beside it to <see cref="Error"/>.</summary>
/// <param name="Input">Opened only by who reads: a terminal's reader takes its time.</param>
/// <param name="OutIsTerminal">Somebody looks at the data; it may have colours.</param>
/// <param name="ErrorIsTerminal">A line may be written over, as progress bars do.</param>
/// <param name="InIsTerminal">Somebody types.</param>
internal sealed record Terminal(Func<TextReader> Input, TextWriter Out, TextWriter Error, bool OutIsTerminal, bool ErrorIsTerminal, bool InIsTerminal)
{
    private const string Reset = "\e[0m";

    public static Terminal OfProcess() => new(
        () => Console.In, Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected, !Console.IsInputRedirected);

    /// <summary>False where the user asked for none: <c>NO_COLOR</c> is set and not empty, or the terminal is a dumb one.</summary>
    public bool Colours { get; init; } = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>The terminal knows how to move its cursor; a dumb one, or one of which nothing is known, does not.</summary>
    public bool CanMove { get; init; } = Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    public TextReader In => Input();

    /// <summary>Reads a line of which nothing is shown while it is typed; null where the input has ended.</summary>
    public Func<string?> Hidden { get; init; } = ReadKeys;

    /// <summary>Says something that is no data. Whatever it repeats of somebody else's words is text.</summary>
    public void Say(string words) => Error.WriteLine(PlainText.Of(words));

    /// <summary>Writes a line of data for a person. Whatever it repeats of somebody else's words is text.</summary>
    public void Tell(string words) => Out.WriteLine(PlainText.Of(words));

    /// <summary>What somebody else wrote, as data: text where somebody looks at it, and as it is for a program.</summary>
    public string Shown(string words) => OutIsTerminal ? PlainText.Of(words) : words;

    /// <summary>Asks for what nobody is to see.</summary>
    public string? ReadHidden(string question)
    {
        Error.Write(question);
        var line = Hidden();
        Error.WriteLine();
        return line?.Trim();
    }

    /// <summary>Says what went wrong, and what to do.</summary>
    /// <returns><paramref name="exitCode"/>, to be returned at once.</returns>
    public int Fail(int exitCode, string what, string? remedy = null)
    {
        Say($"helix: {what}");
        if (remedy is { Length: > 0 }) Say($"       {remedy}");
        return exitCode;
    }

    /// <summary>The word of a state in its colour: green for good, yellow for on its way, red for bad.</summary>
    public string Tint(string word) => !OutIsTerminal || !Colours ? word : word switch
    {
        "ready" or "ok" or "attached" => $"\e[32m{word}{Reset}",
        "starting" or "installing" or "coming" or "degraded" or "recovering" or "warning" => $"\e[33m{word}{Reset}",
        "critical" or "failed" or "error" => $"\e[31m{word}{Reset}",
        "unsupported" or "asleep" or "available" or "standby" or "off" => $"\e[2m{word}{Reset}",
        _ => word,
    };

    private static string? ReadKeys()
    {
        var text = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key)
            {
                case { Key: ConsoleKey.Enter }: return text.ToString();
                case { Key: ConsoleKey.Backspace }: text.Length = Math.Max(0, text.Length - 1); break;
                case { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control }: return null;
                case { KeyChar: not '\0' }: text.Append(key.KeyChar); break;
            }
        }
    }
}
