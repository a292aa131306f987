using System.Globalization;
using System.Text;
using System.Text.Json;
using Helix.Core.Cli;

namespace Helix.Cli;

/// <summary>What was said so far, and the asking.</summary>
internal sealed class Conversation(DaemonClient daemon, CliWorld world, string model)
{
    /// <summary>Below this the time between first and last text measures the pipe, not the model.</summary>
    private static readonly TimeSpan s_measurable = TimeSpan.FromMilliseconds(20);

    private readonly List<ChatMessage> _said = [];
    private readonly Terminal _terminal = world.Terminal;

    public string Model { get; set; } = model;

    public bool ShowsStats { get; set; }

    /// <summary>Asks, writes the answer as it comes, and remembers both if it came whole.</summary>
    public async Task<int> AskAsync(string prompt)
    {
        _said.Add(new("user", prompt));
        var answer = new StringBuilder();
        var code = ExitCodes.Bug;
        try
        {
            code = await AskAsync(answer, world.Interrupts.Token);
        }
        catch (OperationCanceledException) when (world.Interrupts.Struck)
        {
            code = ExitCodes.Interrupted;
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException)
        {
            EndLine(answer);
            code = _terminal.Fail(ExitCodes.AnswerBroken, "the answer broke off: the daemon went away", "ask again; helix brings it back by itself");
        }

        if (code == ExitCodes.Ok) _said.Add(new("assistant", answer.ToString()));
        else _said.RemoveAt(_said.Count - 1);
        if (code == ExitCodes.Interrupted) EndLine(answer);
        return code;
    }

    private async Task<int> AskAsync(StringBuilder answer, CancellationToken cancellationToken)
    {
        var request = new ChatRequest(Model, [.. _said], Stream: true, new(IncludeUsage: true));
        var body = JsonSerializer.SerializeToUtf8Bytes(request, CliJson.Default.ChatRequest);
        var asked = world.Time.GetTimestamp();
        var opened = await daemon.OpenAsync(HttpMethod.Post, "/v1/chat/completions", body, cancellationToken);
        if (opened is not Answer<HttpResponseMessage>.Is(var response)) return opened.Fail(_terminal);
        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                var failed = ChatEvent.ReadError(await response.Content.ReadAsStringAsync(cancellationToken), $"the daemon answered {(int)response.StatusCode}");
                return _terminal.Fail(CodeOf(failed.Code, (int)response.StatusCode), failed.Message);
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            return await FollowAsync(reader, answer, asked, cancellationToken);
        }
    }

    private async Task<int> FollowAsync(StreamReader reader, StringBuilder answer, long asked, CancellationToken cancellationToken)
    {
        long? first = null, last = null;
        var (tokens, finish, waiting) = (0, "", "");
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            foreach (var happened in ChatEvent.Read(line))
            {
                switch (happened)
                {
                    case ChatEvent.Piece({ Length: > 0 } text):
                        last = world.Time.GetTimestamp();
                        first ??= last;
                        answer.Append(text);
                        await _terminal.Out.WriteAsync(_terminal.Shown(text).AsMemory(), cancellationToken);
                        await _terminal.Out.FlushAsync(cancellationToken);
                        break;
                    case ChatEvent.Usage(_, var count): tokens = count; break;
                    case ChatEvent.Finished(var reason): finish = reason; break;
                    case ChatEvent.Waiting(var word) when word != waiting && answer.Length == 0:
                        _terminal.Say(waiting = word);
                        break;
                    case ChatEvent.Failed(var code, var message):
                        EndLine(answer);
                        return _terminal.Fail(answer.Length > 0 ? ExitCodes.AnswerBroken : CodeOf(code, 0), message);
                    case ChatEvent.End:
                        EndLine(answer);
                        if (finish == "length") _terminal.Say("(the answer was cut off: its length is used up)");
                        if (ShowsStats) SayStats(tokens, asked, first ?? world.Time.GetTimestamp(), last);
                        return ExitCodes.Ok;
                }
            }
        }

        EndLine(answer);
        return _terminal.Fail(ExitCodes.AnswerBroken, "the answer broke off", "ask again; \"helix status\" shows how the engine is");
    }

    /// <param name="last">When the last text came. An answer that came all at once has no rate.</param>
    private void SayStats(int tokens, long asked, long first, long? last)
    {
        var wait = world.Time.GetElapsedTime(asked, first);
        var rest = world.Time.GetElapsedTime(first, last ?? first);
        var rate = tokens > 1 && rest > s_measurable ? string.Create(CultureInfo.InvariantCulture, $", {(tokens - 1) / rest.TotalSeconds:0.0} tokens/s") : "";
        _terminal.Say(string.Create(CultureInfo.InvariantCulture, $"({tokens} tokens, the first after {wait.TotalSeconds:0.00} s{rate})"));
    }

    private void EndLine(StringBuilder answer)
    {
        if (answer.Length > 0 && answer[^1] != '\n') _terminal.Out.WriteLine();
    }

    /// <summary>What a refusal of the gateway means for who called the program.</summary>
    public static int CodeOf(string code, int status) => (code, status) switch
    {
        ("model_not_found", _) or (_, 404) => ExitCodes.NotFound,
        ("model_not_ready", _) or (_, 503 or 504) => ExitCodes.TimedOut,
        (_, 502) => ExitCodes.AnswerBroken,
        _ => ExitCodes.Refused,
    };
}
