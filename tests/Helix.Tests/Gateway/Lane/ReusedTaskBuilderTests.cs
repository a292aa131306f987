using System.Runtime.CompilerServices;
using Helix.Gateway.Lane;

namespace Helix.Tests.Gateway.Lane;

public sealed class ReusedTaskBuilderTests
{
    private static readonly AsyncLocal<string?> s_word = new();

    [Fact]
    public async Task What_does_not_wait_is_over_at_once()
    {
        var answer = DoubledAsync(21, null);
        Assert.True(answer.IsCompletedSuccessfully);
        Assert.Equal(42, await answer);

        var notes = new List<string>();
        var noting = NotedAsync(notes, null);
        Assert.True(noting.IsCompletedSuccessfully);
        await noting;
        Assert.Equal(["begun", "over"], notes);
    }

    [Fact]
    public async Task What_waits_goes_on_as_often_as_it_has_to()
    {
        var (gate, notes) = (new Gate(), new List<string>());
        var answer = SumAsync(gate, [1, 2, 3]);
        var noting = NotedAsync(notes, gate);
        Assert.False(answer.IsCompleted);
        gate.Open();
        gate.Open();
        Assert.False(answer.IsCompleted);
        gate.Open();

        Assert.Equal(6, await answer);
        await noting;
        Assert.Equal(["begun", "over"], notes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_thrown_comes_out_with_where_it_was_thrown(bool waits)
    {
        var gate = new Gate();
        var (answer, noting) = (FailedAsync(waits ? gate : null).AsTask(), FailedNoteAsync(waits ? gate : null).AsTask());
        Assert.Equal((!waits, !waits), (answer.IsFaulted, noting.IsFaulted));
        gate.Open();

        Assert.Contains(nameof(FailedAsync), (await Assert.ThrowsAsync<InvalidDataException>(() => answer)).StackTrace, StringComparison.Ordinal);
        Assert.Contains(nameof(FailedNoteAsync), (await Assert.ThrowsAsync<InvalidDataException>(() => noting)).StackTrace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_cancelled_is_told_as_cancelled(bool waits)
    {
        var gate = new Gate();
        var answer = CancelledAsync(waits ? gate : null).AsTask();
        gate.Open();

        Assert.True(answer.IsCanceled);
    }

    [Fact]
    public async Task Many_that_wait_together_have_each_its_own_result()
    {
        var gates = Enumerable.Range(0, 200).Select(_ => new Gate()).ToArray();
        for (var round = 0; round < 4; round++)
        {
            var answers = gates.Select((gate, number) => DoubledAsync(number + round, gate).AsTask()).ToArray();
            for (var at = 0; at < gates.Length; at++) gates[(at * 7) % gates.Length].Open();

            Assert.Equal(Enumerable.Range(round, 200).Select(number => 2 * number), await Task.WhenAll(answers));
        }
    }

    [Fact]
    public async Task Many_that_go_on_on_other_threads_have_each_its_own_result()
    {
        var wrong = await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            var others = 0;
            for (var number = 0; number < 2_000; number++)
                if (await ElsewhereAsync(worker + number) != worker + number) others++;
            return others;
        }));

        Assert.All(wrong, each => Assert.Equal(0, each));
    }

    [Fact]
    public async Task Whoever_waits_leaves_no_garbage_once_somebody_has_waited()
    {
        // a thread of its own: there nobody's synchronization context is to be remembered
        var (first, later, wrong) = await Task.Factory.StartNew(
            () =>
            {
                var gate = new Gate();
                var begun = GC.GetAllocatedBytesForCurrentThread();
                var sum = AskedOften(gate, 500);
                var warm = GC.GetAllocatedBytesForCurrentThread();
                sum += AskedOften(gate, 500);
                return (warm - begun, GC.GetAllocatedBytesForCurrentThread() - warm, sum - (4 * 500 * 499));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal(0, wrong);
        Assert.NotEqual(0, first);
        // not a byte for each
        Assert.InRange(later, 0, 499);
    }

    [Fact]
    public async Task Each_call_has_its_callers_context_and_leaves_nothing_of_its_own_behind()
    {
        var gate = new Gate();
        s_word.Value = "caller";
        var hearing = HeardAsync(gate);
        Assert.Equal("caller", s_word.Value);
        s_word.Value = "other";
        gate.Open();
        Assert.Equal("other", s_word.Value);
        gate.Open();
        Assert.Equal("other", s_word.Value);
        Assert.Equal("caller begun later", await hearing);

        // in the box of the one before
        s_word.Value = null;
        var another = HeardAsync(gate);
        gate.Open();
        gate.Open();
        Assert.Equal(" begun later", await another);
        Assert.Null(s_word.Value);
    }

    [Fact]
    public async Task Who_asks_too_early_or_once_more_is_told_so_and_disturbs_nobody()
    {
        var gate = new Gate();
        await AskedWronglyAsync(DoubledAsync(1, gate), gate);

        static async Task AskedWronglyAsync(ValueTask<int> answer, Gate gate)
        {
            Assert.Throws<InvalidOperationException>(() => Result(answer));
            gate.Open();
            Assert.Equal(2, Result(answer));
            Assert.Throws<InvalidOperationException>(() => Result(answer));

            // it has the box now
            var next = DoubledAsync(3, gate);
            Assert.Throws<InvalidOperationException>(() => Result(answer));
            Assert.Throws<InvalidOperationException>(() => answer.IsCompleted);
            gate.Open();
            Assert.Throws<InvalidOperationException>(() => Result(answer));
            Assert.Equal(6, await next);
        }
    }

    private static int AskedOften(Gate gate, int times)
    {
        var sum = 0;
        for (var number = 0; number < times; number++)
        {
            var answer = TwiceDoubledAsync(number, gate);
            gate.Open();
            gate.Open();
            sum += Result(answer);
        }

        return sum;
    }

    private static int Result(ValueTask<int> answer) => answer.GetAwaiter().GetResult();

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<int> DoubledAsync(int number, Gate? gate)
    {
        if (gate is not null) await gate;
        return 2 * number;
    }

    /// <summary>Waits for others that are built the same way.</summary>
    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<int> TwiceDoubledAsync(int number, Gate gate)
    {
        await OpenedAsync(gate);
        return 2 * await DoubledAsync(number, gate);
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder))]
    private static async ValueTask OpenedAsync(Gate gate) => await gate;

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<int> SumAsync(Gate gate, int[] numbers)
    {
        var sum = 0;
        foreach (var number in numbers)
        {
            await gate;
            sum += number;
        }

        return sum;
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder))]
    private static async ValueTask NotedAsync(List<string> notes, Gate? gate)
    {
        notes.Add("begun");
        if (gate is not null) await gate;
        notes.Add("over");
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<int> FailedAsync(Gate? gate)
    {
        if (gate is not null) await gate;
        throw new InvalidDataException("broken");
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder))]
    private static async ValueTask FailedNoteAsync(Gate? gate)
    {
        if (gate is not null) await gate;
        throw new InvalidDataException("broken");
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<int> CancelledAsync(Gate? gate)
    {
        if (gate is not null) await gate;
        throw new OperationCanceledException();
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<int> ElsewhereAsync(int number)
    {
        await PutOffAsync();
        await Task.Yield();
        return number;
    }

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder))]
    private static async ValueTask PutOffAsync() => await Task.Yield();

    [AsyncMethodBuilder(typeof(ReusedTaskBuilder<>))]
    private static async ValueTask<string> HeardAsync(Gate gate)
    {
        var heard = s_word.Value;
        s_word.Value = "begun";
        await gate;
        heard += $" {s_word.Value}";
        s_word.Value = "later";
        await gate;
        return $"{heard} {s_word.Value}";
    }

    /// <summary>Whoever awaits it goes on when it is opened, on the thread that opens it.</summary>
    private sealed class Gate : ICriticalNotifyCompletion
    {
        private Action? _goOn;

        public bool IsCompleted => false;

        public Gate GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => _goOn += continuation;

        public void UnsafeOnCompleted(Action continuation) => OnCompleted(continuation);

        public void Open()
        {
            var goOn = _goOn;
            _goOn = null;
            goOn?.Invoke();
        }
    }
}
