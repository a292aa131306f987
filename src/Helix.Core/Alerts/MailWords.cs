using System.Globalization;
using System.Net;
using System.Text;

namespace Helix.Core.Alerts;

/// <summary>A message as a mail says it. The text without marks is <see cref="AlertText.Plain(AlertMessage)"/>.</summary>
internal static class MailWords
{
    private const string Small = "color:#666;font-size:13px";

    /// <summary>One line, whatever the words are: nothing of them begins another header.</summary>
    public static string Subject(AlertMessage message) => $"[helix] {AlertWords.Clean(AlertText.Title(message))}";

    /// <summary>The same each time a message is tried, as RFC 5322 wants it, without the brackets: mailboxes that have it already show it once.</summary>
    public static string IdOf(AlertMessage message, string sender) =>
        $"{string.Concat(message.Key.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))}@{MailAddress.DomainOf(sender)}";

    /// <summary>A page of its own, which fetches nothing and needs no style sheet.</summary>
    public static string Html(AlertMessage message)
    {
        var html = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><body style=\"font-family:sans-serif;font-size:15px;line-height:1.4\">\n");
        if (message.IsTest) html.Append(CultureInfo.InvariantCulture, $"<p>{Safe(AlertText.Title(message))}</p><p style=\"{Small}\">{Safe(AlertText.Tried(message))}</p>\n");
        foreach (var entry in message.Entries) Add(html, entry);
        if (AlertText.More(message, message.Entries.Length) is { } more) html.Append(CultureInfo.InvariantCulture, $"<p>{Linked(message.Link, more)}</p>\n");
        return html.Append("</body></html>\n").ToString();
    }

    private static void Add(StringBuilder html, AlertEntry entry)
    {
        html.Append(CultureInfo.InvariantCulture, $"<p><strong>{Safe(AlertText.Word(entry).ToUpperInvariant())}</strong> {Safe(entry.What)}<br>{Safe(AlertText.When(entry))}");
        if (AlertText.Done(entry) is { } done) html.Append(CultureInfo.InvariantCulture, $"<br>helix did: {Safe(done)}");
        if (AlertText.Left(entry) is { } left) html.Append(CultureInfo.InvariantCulture, $"<br>left to do: {Safe(left)}");
        html.Append(CultureInfo.InvariantCulture, $"<br><span style=\"{Small}\">{Linked(entry.Link, string.Create(CultureInfo.InvariantCulture, $"alert {entry.Id}"))}</span></p>\n");
    }

    private static string Linked(string url, string words) =>
        url.StartsWith("http", StringComparison.Ordinal) ? $"<a href=\"{Safe(url)}\">{Safe(words)}</a>" : Safe(words);

    private static string Safe(string words) => WebUtility.HtmlEncode(words);
}
