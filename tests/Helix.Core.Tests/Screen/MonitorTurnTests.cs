using Helix.Core.Screen;

namespace Helix.Core.Tests.Screen;

public sealed class MonitorTurnTests
{
    private readonly MonitorPicture _picture = Pictures.Usual;
    private MonitorState _state = new();

    [Fact]
    public void Nothing_is_started_or_stopped_without_a_yes()
    {
        Assert.Null(Type('x'));
        Assert.Equal("stop vllm?", Assert.IsType<MonitorMode.Asking>(_state.Mode).Question);
        Assert.Null(Press(KeyKind.Enter));
        Assert.Equal("nothing was changed", _state.Notice);

        Type('s');
        Assert.Equal(new MonitorEffect.Wish("start", "vllm"), Type('y'));
        Assert.IsType<MonitorMode.Watching>(_state.Mode);
    }

    [Fact]
    public void What_is_not_there_is_installed_and_what_cannot_be_done_is_said()
    {
        _state = _state with { Chosen = "gpt4all" };
        Type('s');
        Assert.Equal("install and start gpt4all?", Assert.IsType<MonitorMode.Asking>(_state.Mode).Question);
        Type('n');

        _state = _state with { Chosen = "jan" };
        Assert.Null(Type('s'));
        Assert.Equal("jan is unsupported and cannot be started now: needs macOS", _state.Notice);
        Assert.Null(Type('l'));
        Assert.Equal("jan has written no log", _state.Notice);

        _state = _state with { Chosen = "builtin", Lost = "gone" };
        Type('x');
        Assert.IsType<MonitorMode.Watching>(_state.Mode);
    }

    [Fact]
    public void The_chosen_one_stays_chosen_when_the_order_changes()
    {
        Press(KeyKind.Down);
        Assert.Equal("builtin", _state.Chosen);

        Type('o');
        Assert.Equal(MonitorSort.Name, _state.Sort);
        Assert.Equal("builtin", _state.ChosenOf(_state.Shown(_picture))!.Id);
        Press(KeyKind.End);
        Assert.Equal("vllm", _state.Chosen);
        Press(KeyKind.Up);
        Assert.Equal("jan", _state.Chosen);
        Press(KeyKind.PageUp);
        Assert.Equal("builtin", _state.Chosen);
        for (var again = 0; again < 4; again++) Type('o');
        Assert.Equal(MonitorSort.State, _state.Sort);
    }

    [Fact]
    public void A_filter_is_typed_kept_and_thought_better_of()
    {
        Type('/');
        foreach (var letter in "jqx") Assert.Null(Type(letter));
        Press(KeyKind.Backspace);
        Press(KeyKind.Backspace);
        Press(KeyKind.Enter);
        Assert.Equal("j", _state.Filter);
        Assert.Equal(["jan"], _state.Shown(_picture).Select(provider => provider.Id));

        Type('/');
        Type('z');
        Assert.Empty(_state.Shown(_picture));
        Press(KeyKind.Escape);
        Assert.Equal("j", _state.Filter);
        Press(KeyKind.Escape);
        Assert.Equal("", _state.Filter);
    }

    [Fact]
    public void A_log_is_opened_read_and_closed()
    {
        Assert.Equal(new MonitorEffect.OpenLogs("vllm"), Type('l'));
        Press(KeyKind.Up, logs: 100);
        Press(KeyKind.PageUp, logs: 100);
        Assert.Equal(new MonitorMode.Logs("vllm", 11), _state.Mode);
        Press(KeyKind.Home, logs: 100);
        Assert.Equal(new MonitorMode.Logs("vllm", 99), _state.Mode);
        Press(KeyKind.End, logs: 100);
        Assert.Equal(new MonitorMode.Logs("vllm", 0), _state.Mode);

        Assert.Equal(new MonitorEffect.CloseLogs(), Type('q'));
        Assert.IsType<MonitorMode.Watching>(_state.Mode);
    }

    [Fact]
    public void Panels_come_one_after_the_other_and_are_moved_in()
    {
        Press(KeyKind.Tab);
        Press(KeyKind.Tab);
        Press(KeyKind.Tab);
        Assert.Equal(MonitorPanel.Alerts, _state.Panel);
        Press(KeyKind.End);
        Assert.Equal(1, _state.Offset);
        Press(KeyKind.Tab);
        Assert.Equal((MonitorPanel.Automation, 0), (_state.Panel, _state.Offset));
        Press(KeyKind.Tab);
        Assert.Equal(MonitorPanel.All, _state.Panel);
    }

    [Theory]
    [InlineData('/')]
    [InlineData('?')]
    [InlineData('l')]
    [InlineData('x')]
    [InlineData('1')]
    public void One_can_always_leave_and_pause(char before)
    {
        Type(before);

        Assert.Equal(new MonitorEffect.Quit(Interrupted: true), Press(KeyKind.Interrupt));
        Assert.Equal(new MonitorEffect.Suspend(), Press(KeyKind.Suspend));
        Assert.Equal(new MonitorEffect.Redraw(), Press(KeyKind.Redraw));
    }

    [Fact]
    public void Q_leaves_and_any_key_closes_the_help()
    {
        Type('?');
        Assert.Null(Type('q'));
        Assert.Equal(new MonitorEffect.Quit(Interrupted: false), Type('q'));
    }

    private MonitorEffect? Type(char letter) => Take(Key.Of(letter), 0);

    private MonitorEffect? Press(KeyKind kind, int logs = 0) => Take(new Key(kind), logs);

    private MonitorEffect? Take(Key key, int logs)
    {
        (_state, var effect) = MonitorTurn.Take(_state, _picture, logs, key);
        return effect;
    }
}
