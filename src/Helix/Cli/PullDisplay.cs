using Helix.Contracts;
using Helix.Core.Cli;

namespace Helix.Cli;

/// <summary>Shows a download: one line written over on a terminal, else a new line for each phase and every few seconds.</summary>
internal sealed class PullDisplay(Terminal terminal, TimeProvider time) : IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    private string _phase = "";
    private long _last = time.GetTimestamp();
    private int _open;

    public void Show(PullEvent happened)
    {
        var isNew = happened.Phase != _phase;
        var moves = happened.Phase is "downloading" or "verifying" && happened.DoneBytes > 0;
        var words = moves
            ? PullProgress.Line(happened.DoneBytes, happened.TotalBytes, happened.BytesPerSecond, terminal.ErrorIsTerminal ? BarWidth : 0)
            : happened.Detail ?? "";
        var line = PlainText.Of($"{happened.Phase}{(words.Length > 0 ? "  " : "")}{words}");
        if (terminal.ErrorIsTerminal)
        {
            if (isNew) Close();
            terminal.Error.Write($"\r{line.PadRight(_open)}");
            _open = line.Length;
        }
        else if (isNew || time.GetElapsedTime(_last) >= s_between)
        {
            _last = time.GetTimestamp();
            terminal.Say(line);
        }

        _phase = happened.Phase;
    }

    private void Close()
    {
        if (_open > 0) terminal.Error.WriteLine();
        _open = 0;
    }

    public void Dispose() => Close();
}
