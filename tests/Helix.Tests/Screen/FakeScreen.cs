using System.Globalization;
using System.Text;
using Helix.Screen;

namespace Helix.Tests.Screen;

/// <summary>A terminal that understands what the monitor says to it, and nothing else.</summary>
internal sealed class FakeScreen : IScreen
{
    private readonly Lock _looking = new(); // a test looks while the loop writes
    private readonly SortedDictionary<int, string> _rows = [];
    private Action<byte[]> _typed = static _ => { };
    private Action<ScreenHappening> _happened = static _ => { };
    private (int Width, int Height) _size = (80, 24);
    private int _row;

    public int Entered { get; private set; }

    public int Suspended { get; private set; }

    public (int Width, int Height) Size
    {
        get
        {
            lock (_looking) return _size;
        }
    }

    public string Text
    {
        get
        {
            lock (_looking) return string.Join('\n', _rows.Values);
        }
    }

    public void Enter() => Entered++;

    public void Suspend()
    {
        lock (_looking) _rows.Clear();
        Suspended++;
    }

    public void Listen(Action<byte[]> typed, Action<ScreenHappening> happened) => (_typed, _happened) = (typed, happened);

    public void Type(string letters) => _typed(Encoding.UTF8.GetBytes(letters));

    public void Happens(ScreenHappening happening) => _happened(happening);

    public void Resize(int width, int height)
    {
        lock (_looking) _size = (width, height);
        _happened(ScreenHappening.Resized);
    }

    public void Write(string text)
    {
        lock (_looking)
        {
            for (var at = 0; at < text.Length; at++)
            {
                if (text[at] == '\e') at = Obey(text, at);
                else
                {
                    Assert.False(char.IsControl(text[at]), $"U+{(int)text[at]:X4} is written to the terminal");
                    _rows[_row] = _rows.GetValueOrDefault(_row, "") + text[at];
                }
            }
        }
    }

    public void Dispose()
    {
    }

    /// <returns>Where the sequence ends.</returns>
    private int Obey(string text, int at)
    {
        Assert.Equal('[', text[at + 1]);
        var end = at + 2;
        while (text[end] is (>= '0' and <= '9') or ';') end++;
        var words = text[(at + 2)..end];
        switch (text[end])
        {
            case 'H':
                _row = int.Parse(words.Split(';')[0], CultureInfo.InvariantCulture);
                break;
            case 'K':
                _rows.Remove(_row);
                break;
            case 'J':
                _rows.Clear();
                break;
            case 'm': break;
            default:
                Assert.Fail($"a terminal is not to be told {text[(at + 1)..(end + 1)]}");
                break;
        }

        return end;
    }
}
