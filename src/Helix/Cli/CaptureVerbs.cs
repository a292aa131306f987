using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary><c>helix captures</c>: what was asked and answered, where the user has that kept.</summary>
internal static class CaptureVerbs
{
    private static readonly JsonWriterOptions s_readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(CliWorld world) => Verb.Group("captures", "See what was asked and answered, where gateway.capture keeps it.", List(world), Show(world), Clear(world));

    private static Verb List(CliWorld world)
    {
        var limit = new Option<string?>("--limit", "-n") { Description = "At most so many, the newest.", HelpName = "N" };
        var verb = new Verb("list", "List requests that are kept, the newest first.", "helix captures list", "helix captures list -n 500 --format json") { limit };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => ListAsync(parse, parse.GetValue(limit) is { } most ? $"?limit={Uri.EscapeDataString(most)}" : "", world, cancellationToken));
        return verb;
    }

    private static async Task<int> ListAsync(ParseResult parse, string query, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync($"/helix/v1/captures{query}", CaptureJson.Default.CaptureList, cancellationToken);
        if (answer is not Answer<CaptureList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, CaptureJson.Default.CaptureList);
        if (list.Missed > 0) world.Terminal.Say($"{list.Missed} more came faster than they could be kept");
        if (list.Captures.Count == 0)
        {
            world.Terminal.Say(list.On ? "nothing was asked since it is kept" : "nothing is kept; to keep what is asked and answered: helix config set gateway.capture true");
            return ExitCodes.Ok;
        }

        return world.Terminal.WriteTable(
            ["ID", "WHEN (UTC)", "KEY", "PROVIDER", "MODEL", "NODE", "PATH", "OUTCOME", "STATUS", "HIDDEN"],
            list.Captures.Select(each => new[] { each.Id, Moment(each.At), Named(each.Key), Named(each.Provider), each.Model, each.Node is { } node ? Named(node) : "unknown", each.Path, each.Outcome, Number(each.Status), Number(each.Hidden) }));
    }

    private static Verb Show(CliWorld world)
    {
        var id = Verb.Argument("ID", "The request, as \"helix captures list\" shows it.");
        var verb = new Verb("show", "Show what one request asked and what it was answered.", "helix captures show 019b0a1c2d3e0001", "helix captures show 019b0a1c2d3e0001 --format json") { id };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => ShowAsync(parse, parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> ShowAsync(ParseResult parse, string id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync($"/helix/v1/captures/{Uri.EscapeDataString(id)}", CaptureJson.Default.CaptureReport, cancellationToken);
        if (answer is not Answer<CaptureReport>.Is(var capture)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(capture, CaptureJson.Default.CaptureReport);
        foreach (var (name, text) in Lines(capture))
            if (text is { Length: > 0 }) world.Terminal.Tell($"{name}:\n{text}\n");
        return ExitCodes.Ok;
    }

    private static IEnumerable<(string Name, string? Text)> Lines(CaptureReport capture)
    {
        yield return ("request", $"{capture.Request}, {Moment(capture.At)} UTC, {capture.Path} in the words of {capture.Dialect}, key {Named(capture.Key)}, {Named(capture.Provider)} with {Named(capture.Model)}{(capture.Node is { Length: > 0 } node ? $" on {node}" : "")}: {capture.Outcome} ({Number(capture.Status)})");
        yield return ("asked", capture.Asked is { } asked ? Readable(asked) : "it was too long to be kept");
        yield return ("thought", capture.Thought);
        yield return ("answered", capture.Answer);
        foreach (var call in capture.Calls) yield return ("called", $"{call.Name} {call.Arguments}");
        yield return ("finish", capture.Finish);
        yield return ("redacted", $"{Number(capture.Hidden)} {(capture.Hidden == 1 ? "piece was" : "pieces were")} taken out{(capture.Cut ? ", and not all of it was kept" : "")}");
    }

    private static string Readable(JsonElement asked)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_readable)) asked.WriteTo(json);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static Verb Clear(CliWorld world)
    {
        var verb = new Verb("clear", "Throw away all requests that are kept.", "helix captures clear");
        verb.SetAction((_, cancellationToken) => ClearAsync(world, cancellationToken));
        return verb;
    }

    private static async Task<int> ClearAsync(CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.DeleteAsync("/helix/v1/captures", ApiJson.Default.Done, cancellationToken);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Say(done.Message);
        return ExitCodes.Ok;
    }

    private static string Named(string name) => name.Length == 0 ? "none" : name;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
