using System.Text.Json;
using System.Threading.Channels;
using Helix.Cli;
using Helix.Contracts;
using Helix.Core.Live;
using Helix.Core.Screen;

namespace Helix.Screen;

/// <summary>
/// Owns what the monitor shows. One loop reads one inbox: what the daemon tells, keys, lines of a log, answers to wishes, and seconds. What a key does and
/// what the screen looks like is decided elsewhere, by pure functions.
/// </summary>
internal sealed class MonitorLoop(DaemonClient daemon, IScreen screen, bool colours, TimeProvider time, MonitorState begin)
{
    private const int LogLines = 500;

    /// <summary>Who produces faster than can be shown waits: the daemon then tells everything anew, and a log is read later.</summary>
    private const int Held = 1024;

    /// <summary>Seconds after which what came of a wish makes room for the keys again.</summary>
    private const int NoticeLasts = 8;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly Channel<Message> _inbox = Channel.CreateBounded<Message>(new BoundedChannelOptions(Held) { SingleReader = true });
    private readonly LiveCopy _live = new();
    private readonly LogWindow _logs = new();
    private MonitorPicture _picture = MonitorPicture.Of(new LiveCopy());
    private MonitorState _state = begin;
    private string[] _painted = [];
    private (int Width, int Height) _size;
    private CancellationTokenSource? _reading;
    private int _log;
    private int _noticed;

    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var ticks = time.CreateTimer(_ => _inbox.Writer.TryWrite(new Message.Tick()), null, s_tick, s_tick);
        screen.Enter();
        screen.Listen(bytes => Post(new Message.Typed(bytes)), happening => Post(new Message.Happened(happening)));
        var feed = new LiveFeed(daemon, time, TakeNewsAsync);
        var feeding = GuardAsync(feed.RunAsync(over.Token));
        try
        {
            Draw();
            while (await _inbox.Reader.WaitToReadAsync(over.Token))
            {
                // who writes without a pause keeps nobody from seeing it
                for (var taken = 0; taken < Held && _inbox.Reader.TryRead(out var message); taken++)
                {
                    var before = _state.Notice;
                    if (Take(message, over.Token) is { } code) return code;
                    if (_state.Notice != before) _noticed = 0;
                }

                Draw();
            }

            await _inbox.Reader.Completion;
            return ExitCodes.Bug;
        }
        finally
        {
            await over.CancelAsync();
            await feeding;
            CloseLogs();
        }
    }

    /// <summary>For threads that do not wait. No key is lost: what has no room yet comes in when there is some.</summary>
    private void Post(Message message)
    {
        if (!_inbox.Writer.TryWrite(message)) _ = GuardAsync(_inbox.Writer.WriteAsync(message).AsTask());
    }

    /// <returns>An exit code where this is the end.</returns>
    private int? Take(Message message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case Message.Told(var told, var understood):
                understood.SetResult(_live.Take(told));
                _picture = MonitorPicture.Of(_live);
                _state = _state with { Lost = null };
                return null;
            case Message.Lost(var why):
                _state = _state with { Lost = why };
                return null;
            case Message.LogLine(var log, var line):
                if (log == _log) Add(line);
                return null;
            case Message.Answered(var words):
                _state = _state with { Notice = words };
                return null;
            case Message.Happened(ScreenHappening.Closed): return ExitCodes.Ok;
            case Message.Happened(ScreenHappening.StopAsked):
                Suspend();
                return null;
            case Message.Happened(ScreenHappening.Continued):
                screen.Enter();
                _painted = [];
                return null;
            case Message.Typed(var bytes):
                foreach (var key in Key.Read(bytes))
                {
                    (_state, var effect) = MonitorTurn.Take(_state, _picture, _logs.Lines.Count, key);
                    if (effect is not null && Perform(effect, cancellationToken) is { } code) return code;
                }

                return null;
            case Message.Tick:
                if (_state.Notice.Length > 0 && ++_noticed > NoticeLasts) _state = _state with { Notice = "" };
                return null;
            default: return null; // another size: it is drawn anew
        }
    }

    private int? Perform(MonitorEffect effect, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case MonitorEffect.Quit(var interrupted): return interrupted ? ExitCodes.Interrupted : ExitCodes.Ok;
            case MonitorEffect.Suspend: Suspend(); break;
            case MonitorEffect.Redraw:
                screen.Write(ScreenPaint.Clear);
                _painted = [];
                break;
            case MonitorEffect.Wish(var verb, var provider): _ = GuardAsync(WishAsync(verb, provider, cancellationToken)); break;
            case MonitorEffect.OpenLogs(var provider):
                CloseLogs();
                _reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                _ = GuardAsync(ReadLogAsync(_log, provider, _reading.Token));
                break;
            case MonitorEffect.CloseLogs: CloseLogs(); break;
        }

        return null;
    }

    private void Draw()
    {
        var size = screen.Size;
        if (size != _size)
        {
            // what a terminal does with its lines when it is resized is its own affair
            screen.Write(ScreenPaint.Clear);
            (_size, _painted) = (size, []);
        }

        var lines = MonitorFrame.Of(_picture, _state, _logs.Lines, size.Width, size.Height, time.GetUtcNow());
        string[] painted = [.. lines.Select(line => ScreenPaint.Line(line, colours))];
        var changes = ScreenPaint.Changes(_painted, painted);
        if (changes.Length > 0) screen.Write(changes);
        _painted = painted;
    }

    private void Suspend()
    {
        screen.Suspend();
        _painted = [];
    }

    private void CloseLogs()
    {
        _reading?.Cancel();
        _reading?.Dispose();
        _reading = null;
        _log++;
        _logs.Clear();
    }

    private void Add(string line)
    {
        var before = _logs.Lines.Count;
        _logs.Add(line);
        // whoever reads further up keeps what he reads before his eyes
        if (_state.Mode is MonitorMode.Logs { Back: > 0 } reading && _logs.Lines.Count > before) _state = _state with { Mode = reading with { Back = reading.Back + 1 } };
    }

    private async ValueTask<bool> TakeNewsAsync(FeedNews news, CancellationToken cancellationToken)
    {
        if (news is not FeedNews.Told(var told))
        {
            await _inbox.Writer.WriteAsync(new Message.Lost(((FeedNews.Lost)news).Why), cancellationToken);
            return true;
        }

        var understood = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _inbox.Writer.WriteAsync(new Message.Told(told, understood), cancellationToken);
        return await understood.Task.WaitAsync(cancellationToken);
    }

    private async Task WishAsync(string verb, string provider, CancellationToken cancellationToken)
    {
        string words;
        try
        {
            words = await daemon.PostPatientlyAsync($"/helix/v1/providers/{Uri.EscapeDataString(provider)}/{verb}", null, ApiJson.Default.Done, cancellationToken) switch
            {
                Answer<Done>.Is(var done) => done.Message,
                Answer<Done>.Refused(var error) => error.Remedy is { Length: > 0 } remedy ? $"{error.Message}; {remedy}" : error.Message,
                _ => "helix is not running; start it with: helix start",
            };
        }
        catch (Exception lost) when (lost is IOException or HttpRequestException or JsonException)
        {
            words = $"the daemon went away before it said what came of it ({verb} {provider})";
        }

        await _inbox.Writer.WriteAsync(new Message.Answered(words), cancellationToken);
    }

    private async Task ReadLogAsync(int log, string provider, CancellationToken cancellationToken)
    {
        var answer = await daemon.OpenAsync(HttpMethod.Get, FormattableString.Invariant($"/helix/v1/providers/{Uri.EscapeDataString(provider)}/logs?lines={LogLines}&follow=true"), null, cancellationToken);
        if (answer is not Answer<HttpResponseMessage>.Is(var response))
        {
            await TellAsync(answer is Answer<HttpResponseMessage>.Refused(var refused) ? refused.Message : "helix is not running");
            return;
        }

        using (response)
        {
            try
            {
                if (!response.IsSuccessStatusCode)
                {
                    await TellAsync((await DaemonClient.ErrorOfAsync(response, cancellationToken)).Message);
                    return;
                }

                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
                while (await reader.ReadLineAsync(cancellationToken) is { } line) await TellAsync(line);
            }
            catch (Exception gone) when (gone is IOException or HttpRequestException)
            {
                // said below
            }

            await TellAsync("(the daemon went away; close the log and open it again)");
        }

        ValueTask TellAsync(string line) => _inbox.Writer.WriteAsync(new Message.LogLine(log, line), cancellationToken);
    }

    /// <summary>A bug beside the loop is a bug of the loop: it ends, the terminal is given back, and it is told.</summary>
    private async Task GuardAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException)
        {
            // nobody looks any more
        }
        catch (ChannelClosedException)
        {
            // the loop ends because of another one
        }
        catch (Exception bug)
        {
            _inbox.Writer.TryComplete(bug);
        }
    }

    private abstract record Message
    {
        private Message() { }

        /// <param name="Understood">Answered when it was taken.</param>
        internal sealed record Told(LiveTold Event, TaskCompletionSource<bool> Understood) : Message;

        internal sealed record Lost(string Why) : Message;

        internal sealed record Typed(byte[] Bytes) : Message;

        internal sealed record Happened(ScreenHappening What) : Message;

        /// <param name="Log">Which of those that were opened.</param>
        internal sealed record LogLine(int Log, string Text) : Message;

        internal sealed record Answered(string Words) : Message;

        internal sealed record Tick : Message;
    }
}
