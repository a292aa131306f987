using System.Buffers;
using System.Text;

namespace Helix.Core.Screen;

/// <summary>What a key makes the monitor do, beside showing something else.</summary>
internal abstract record MonitorEffect
{
    private MonitorEffect() { }

    /// <param name="Interrupted">By Ctrl-C.</param>
    internal sealed record Quit(bool Interrupted) : MonitorEffect;

    /// <summary>Gives the terminal back to the shell until somebody goes on.</summary>
    internal sealed record Suspend : MonitorEffect;

    /// <summary>Paints everything anew: something else wrote over it.</summary>
    internal sealed record Redraw : MonitorEffect;

    internal sealed record Wish(string Verb, string Provider) : MonitorEffect;

    internal sealed record OpenLogs(string Provider) : MonitorEffect;

    internal sealed record CloseLogs : MonitorEffect;
}

/// <summary>What a key does.</summary>
internal static class MonitorTurn
{
    private const int Page = 10;
    private const int LongestFilter = 60;

    private static readonly MonitorMode s_watching = new MonitorMode.Watching();

    /// <param name="logs">Lines of a log that are held.</param>
    public static (MonitorState State, MonitorEffect? Effect) Take(MonitorState state, MonitorPicture picture, int logs, Key key) => (state.Mode, key.Kind) switch
    {
        (_, KeyKind.Interrupt) => (state, new MonitorEffect.Quit(Interrupted: true)),
        (_, KeyKind.Suspend) => (state, new MonitorEffect.Suspend()),
        (_, KeyKind.Redraw) => (state, new MonitorEffect.Redraw()),
        (MonitorMode.Filtering filtering, _) => (Filter(state, filtering, key), null),
        (MonitorMode.Asking asking, _) when key.Is('y') || key.Is('Y') =>
            (state with { Mode = s_watching, Notice = $"{asking.Wish} {asking.Provider}: asked for" }, new MonitorEffect.Wish(asking.Wish, asking.Provider)),
        (MonitorMode.Asking, _) => (state with { Mode = s_watching, Notice = "nothing was changed" }, null),
        (MonitorMode.Help, _) => (state with { Mode = s_watching }, null),
        (MonitorMode.Logs reading, _) => Read(state, reading, logs, key),
        _ => Watch(state with { Notice = "" }, picture, key),
    };

    private static MonitorState Filter(MonitorState state, MonitorMode.Filtering filtering, Key key) => key.Kind switch
    {
        KeyKind.Enter => state with { Mode = s_watching },
        KeyKind.Escape => state with { Mode = s_watching, Filter = filtering.Before },
        KeyKind.Backspace => state with { Filter = WithoutLast(state.Filter) },
        KeyKind.Letter when state.Filter.Length < LongestFilter => state with { Filter = state.Filter + key.Letter.ToString(), Offset = 0 },
        _ => state,
    };

    private static (MonitorState State, MonitorEffect? Effect) Read(MonitorState state, MonitorMode.Logs reading, int logs, Key key)
    {
        if (key.Kind == KeyKind.Escape || key.Is('q') || key.Is('l')) return (state with { Mode = s_watching }, new MonitorEffect.CloseLogs());
        var back = key.Kind switch
        {
            KeyKind.Up => reading.Back + 1,
            KeyKind.Down => reading.Back - 1,
            KeyKind.PageUp => reading.Back + Page,
            KeyKind.PageDown => reading.Back - Page,
            KeyKind.Home => logs,
            KeyKind.End => 0,
            _ => reading.Back,
        };
        return (state with { Mode = reading with { Back = Math.Clamp(back, 0, Math.Max(0, logs - 1)) } }, null);
    }

    private static (MonitorState State, MonitorEffect? Effect) Watch(MonitorState state, MonitorPicture picture, Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Up: return (Move(state, picture, -1), null);
            case KeyKind.Down: return (Move(state, picture, 1), null);
            case KeyKind.PageUp: return (Move(state, picture, -Page), null);
            case KeyKind.PageDown: return (Move(state, picture, Page), null);
            case KeyKind.Home: return (Move(state, picture, int.MinValue / 2), null);
            case KeyKind.End: return (Move(state, picture, int.MaxValue / 2), null);
            case KeyKind.Tab: return (state with { Panel = Next(state.Panel), Offset = 0 }, null);
            case KeyKind.Escape: return (state with { Filter = "", Panel = MonitorPanel.All, Offset = 0 }, null);
            case KeyKind.Letter: break;
            default: return (state, null);
        }

        var letter = (char)Math.Min(key.Letter.Value, char.MaxValue);
        return letter switch
        {
            'q' or 'Q' => (state, new MonitorEffect.Quit(Interrupted: false)),
            'k' => (Move(state, picture, -1), null),
            'j' => (Move(state, picture, 1), null),
            'o' => (state with { Sort = Next(state.Sort) }, null),
            '/' => (state with { Mode = new MonitorMode.Filtering(state.Filter) }, null),
            '?' or 'h' => (state with { Mode = new MonitorMode.Help() }, null),
            's' => (Ask(state, picture, "start"), null),
            'x' => (Ask(state, picture, "stop"), null),
            'l' => Logs(state, picture),
            _ => (state, null),
        };
    }

    private static MonitorState Move(MonitorState state, MonitorPicture picture, int by)
    {
        if (state.Panel is MonitorPanel.All or MonitorPanel.Providers)
        {
            var shown = state.Shown(picture);
            if (shown.Count == 0) return state;
            var chosen = state.ChosenOf(shown);
            var at = shown.TakeWhile(provider => provider != chosen).Count();
            return state with { Chosen = shown[Math.Clamp(at + by, 0, shown.Count - 1)].Id };
        }

        var rows = state.Panel switch
        {
            MonitorPanel.Performance => picture.Performance.Count,
            MonitorPanel.Alerts => picture.Alerts.Count,
            _ => picture.Automations.Count,
        };
        return state with { Offset = Math.Clamp(state.Offset + by, 0, Math.Max(0, rows - 1)) };
    }

    private static MonitorState Ask(MonitorState state, MonitorPicture picture, string wish)
    {
        if (state.ChosenOf(state.Shown(picture)) is not { } provider) return state with { Notice = "no provider is shown" };
        if (state.Lost is not null) return state with { Notice = "helix is not heard at this moment" };
        // what is not installed is installed when it is started
        var installs = wish == "start" && !provider.Actions.Contains("start") && provider.Actions.Contains("install");
        if (!installs && !provider.Actions.Contains(wish)) return state with { Notice = $"{provider.Id} is {provider.State} and cannot be {(wish == "start" ? "started" : "stopped")} now: {provider.Reason}" };
        return state with { Mode = new MonitorMode.Asking(wish, provider.Id, installs ? $"install and start {provider.Id}?" : $"{wish} {provider.Id}?") };
    }

    private static (MonitorState State, MonitorEffect? Effect) Logs(MonitorState state, MonitorPicture picture)
    {
        if (state.ChosenOf(state.Shown(picture)) is not { } provider) return (state with { Notice = "no provider is shown" }, null);
        if (!provider.Actions.Contains("logs")) return (state with { Notice = $"{provider.Id} has written no log" }, null);
        return (state with { Mode = new MonitorMode.Logs(provider.Id, 0) }, new MonitorEffect.OpenLogs(provider.Id));
    }

    private static MonitorPanel Next(MonitorPanel panel) => panel == MonitorPanel.Automation ? MonitorPanel.All : panel + 1;

    private static MonitorSort Next(MonitorSort sort) => sort == MonitorSort.Tokens ? MonitorSort.State : sort + 1;

    private static string WithoutLast(string text)
    {
        if (text.Length == 0) return text;
        return Rune.DecodeLastFromUtf16(text, out _, out var length) == OperationStatus.Done ? text[..^length] : text[..^1];
    }
}
