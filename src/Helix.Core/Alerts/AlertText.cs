using System.Globalization;
using System.Text;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>Alerts in words: what happened, since when, what helix did about it, what is left to do, and where more is.</summary>
internal static class AlertText
{
    private const int TitleLength = 140;
    private const int BannerLength = 200;

    /// <summary>One line.</summary>
    public static string Title(AlertMessage message)
    {
        if (message.IsTest) return "helix: a test message; alerts come this way";
        if (message is { Count: 1, Entries: [var only, ..] }) return Short($"{Word(only)}: {only.What}", TitleLength);
        if (message.Firing == 0) return $"resolved: {message.Resolved} alerts ({Causes(message)})";
        return Short($"{message.Severity.Word()}: {Number(message.Firing, "alert", "alerts")}{(message.Resolved > 0 ? $", {message.Resolved} resolved" : "")} ({Causes(message)})", TitleLength);
    }

    /// <summary>The whole, without marks of any kind.</summary>
    public static string Plain(AlertMessage message)
    {
        if (message.IsTest) return $"{Title(message)}\n  {Tried(message)}\n";
        var text = new StringBuilder();
        foreach (var entry in message.Entries) text.Append(Plain(entry));
        if (More(message, message.Entries.Length) is { } more) text.Append(more).Append('\n');
        return text.ToString();
    }

    public static string Plain(AlertEntry entry)
    {
        var text = new StringBuilder($"{Word(entry).ToUpperInvariant()} {entry.What}\n");
        text.Append("  ").Append(When(entry)).Append('\n');
        if (Done(entry) is { } done) text.Append(CultureInfo.InvariantCulture, $"  helix did: {done}\n");
        if (Left(entry) is { } left) text.Append(CultureInfo.InvariantCulture, $"  left to do: {left}\n");
        return text.Append(CultureInfo.InvariantCulture, $"  alert {entry.Id}: {entry.Link}\n").ToString();
    }

    /// <summary>Since when it is so and how often it was seen, or from when to when it was and what ended it.</summary>
    public static string When(AlertEntry entry) => entry.Until is { } until
        ? $"from {Moment(entry.Since)} to {Moment(until)}{(entry.End is { } end ? $": {end}" : "")}"
        : string.Create(CultureInfo.InvariantCulture, $"since {Moment(entry.Since)}{(entry.Count > 1 ? $", seen {entry.Count} times" : "")}{(entry.IsFlapping ? ", and it comes and goes" : "")}");

    /// <summary>What helix did, or that it did nothing; null where that is what is told already.</summary>
    public static string? Done(AlertEntry entry) => entry.Done == entry.What ? null : entry.Done ?? (entry.Until is null ? "nothing by itself" : null);

    /// <summary>What is left to do, or that nothing is; null of what is over.</summary>
    public static string? Left(AlertEntry entry) => entry.Until is not null ? null : entry.Left ?? "nothing";

    /// <summary>How bad it is, or that it is over.</summary>
    public static string Word(AlertEntry entry) => entry.Kind == NoteKind.Resolved ? "resolved" : entry.Severity.Word();

    /// <summary>One line about what goes on and nobody acknowledged; null where there is nothing.</summary>
    /// <param name="least">Of this severity, or a worse one.</param>
    public static string? Banner(AlertBook book, Severity least, DateTimeOffset now)
    {
        Alert[] open = [.. book.Alerts.Values.Where(alert => alert is { State: AlertState.Firing, IsNotice: false } && alert.Severity >= least && !book.IsSilenced(alert, now)).OrderByDescending(alert => alert.Severity).ThenBy(alert => alert.Id)];
        if (open.Length == 0) return null;
        var more = open.Length > 1 ? $", and {open.Length - 1} more" : "";
        return $"helix: {open[0].Severity.Word().ToUpperInvariant()} since {Moment(open[0].Since)}: {Short(open[0].What)}{more}; see: helix alerts list";
    }

    /// <summary>The beginning of a text, as one line.</summary>
    public static string Short(string text, int most = BannerLength)
    {
        var line = OneLine(text);
        return line.Length <= most ? line : $"{AlertWords.Begin(line, most - 1)}…";
    }

    /// <summary>Of a test message, why it came.</summary>
    public static string Tried(AlertMessage message) => $"sent at {Moment(message.At)}, for whoever tried the channel {message.Channel}";

    /// <summary>How many there are besides those that are named; null where there are none.</summary>
    public static string? More(AlertMessage message, int named) => message.Count > named ? string.Create(CultureInfo.InvariantCulture, $"and {message.Count - named} more: helix alerts list") : null;

    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Causes(AlertMessage message) =>
        string.Join(", ", message.Entries.GroupBy(entry => entry.Cause, StringComparer.Ordinal).Select(cause => cause.Key));

    private static string Number(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
