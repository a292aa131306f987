using System.Globalization;

namespace Helix.EndToEnd.Harness;

/// <summary>A real terminal of 80 × 24 with a shell in it, in which a test types and looks.</summary>
internal sealed class Tmux : IAsyncDisposable
{
    private static readonly string? s_program = ((string[])["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"]).FirstOrDefault(File.Exists);

    private readonly TempHome _home;
    private readonly string _socket;
    private int[] _pids = [];

    private Tmux(TempHome home) => (_home, _socket) = (home, Path.Combine(home.Folder, "tmux"));

    public static bool IsThere => s_program is not null && File.Exists("/bin/bash");

    public static async Task<Tmux> StartAsync(TempHome home)
    {
        var terminal = new Tmux(home);
        await terminal.AskAsync("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "/bin/bash --noprofile --norc -i");
        terminal._pids = [.. (await terminal.AskAsync("display-message", "-p", "#{pid} #{pane_pid}")).Split(' ').Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
        return terminal;
    }

    /// <summary>What is on the screen, without what trails its lines.</summary>
    public Task<string> ScreenAsync() => AskAsync("capture-pane", "-p");

    /// <summary>The same with its colours.</summary>
    public Task<string> ColouredAsync() => AskAsync("capture-pane", "-p", "-e");

    public Task TypeAsync(string letters) => AskAsync("send-keys", "-l", "--", letters);

    /// <param name="key">As tmux calls it: Enter, Up, C-z.</param>
    public Task PressAsync(string key) => AskAsync("send-keys", key);

    public async Task RunAsync(string line)
    {
        await TypeAsync(line);
        await PressAsync("Enter");
    }

    public Task ResizeAsync(int width, int height) =>
        AskAsync("resize-window", "-x", width.ToString(CultureInfo.InvariantCulture), "-y", height.ToString(CultureInfo.InvariantCulture));

    public async Task<string> ShowsAsync(string words) => await ShowsAsync(screen => screen.Contains(words, StringComparison.Ordinal), words);

    /// <returns>The screen on which it is.</returns>
    public async Task<string> ShowsAsync(Func<string, bool> shown, string what)
    {
        var screen = "";
        await Eventually.TrueAsync(async () => shown(screen = await ScreenAsync()), $"on the screen: {what}", () => screen);
        return screen;
    }

    public async ValueTask DisposeAsync()
    {
        await AskAsync("kill-server");
        await Eventually.TrueAsync(() => _pids.All(pid => Processes.StartOf(pid) is null), "the end of the terminal");
    }

    private async Task<string> AskAsync(params string[] arguments) =>
        (await Launched.RunAsync(new Command(s_program!, ["-u", "-S", _socket, .. arguments], _home.Environment, _home.Folder))).Succeeded().Out.TrimEnd('\n');
}
