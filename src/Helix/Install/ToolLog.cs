using System.Text;
using Helix.Core.Install;

namespace Helix.Install;

/// <summary>What a running tool says: carried over from its own log into the log of the installation as it comes, and kept as far as it explains a failure.</summary>
/// <param name="own">The tool's log; it grows while it runs.</param>
/// <param name="line">Told every whole line.</param>
internal sealed class ToolLog(string own, string installation, Action<string>? line)
{
    private const int Kept = 200;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly Queue<string> _last = new();
    private readonly StringBuilder _open = new();
    private readonly byte[] _bytes = new byte[1 << 16];
    private readonly char[] _letters = new char[(1 << 16) + 1];
    private long _read;

    /// <summary>The worst sign in all that was said.</summary>
    public ToolTrouble Trouble { get; private set; }

    public IReadOnlyCollection<string> LastLines => _last;

    public void Follow()
    {
        if (!File.Exists(own)) return;
        using var from = new FileStream(own, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (from.Length == _read) return;
        from.Position = _read;
        using var to = new FileStream(installation, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        int count;
        while ((count = from.Read(_bytes)) > 0)
        {
            _read += count;
            to.Write(_bytes, 0, count);
            foreach (var letter in _letters.AsSpan(0, _decoder.GetChars(_bytes, 0, count, _letters, 0, flush: false)))
            {
                // a progress that is written over itself ends with a carriage return
                if (letter is '\n' or '\r') End();
                else if (_open.Length < 4000) _open.Append(letter);
            }
        }
    }

    /// <summary>After its end: what stands behind the last line's end counts, too.</summary>
    public void Finish()
    {
        Follow();
        End();
        File.Delete(own);
    }

    private void End()
    {
        if (_open.Length == 0) return;
        var said = _open.ToString();
        _open.Clear();
        if (_last.Count == Kept) _last.Dequeue();
        _last.Enqueue(said);
        if (Trouble == ToolTrouble.Other) Trouble = ToolWords.TroubleIn([said]);
        line?.Invoke(said);
    }
}
