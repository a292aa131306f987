using CsCheck;
using Helix.Core.Processes;

namespace Helix.Core.Tests.Processes;

public sealed class PassedListenerTests
{
    private static readonly Gen<PassedListener> s_listener =
        Gen.Select(Gen.Int[3, 1000], Gen.Bool, Gen.Int[1, 65535], (descriptor, tcp, number) =>
            tcp ? new PassedListener(descriptor, ListenerKind.Tcp, $"127.0.0.1:{number}")
                : new PassedListener(descriptor, ListenerKind.Unix, $"/run/helix:{number}=a.sock"));

    [Fact]
    public void What_is_announced_is_read_back() =>
        s_listener.Array[1, 6].Where(listeners => listeners.DistinctBy(listener => listener.Descriptor).Count() == listeners.Length)
            .Sample(listeners => PassedListener.Parse(PassedListener.Format(listeners)).Listeners!.Value.SequenceEqual(listeners));

    [Fact]
    public void An_address_of_the_sixth_version_keeps_its_brackets() =>
        Assert.Equal("[::1]:4359", PassedListener.Parse("3=tcp:[::1]:4359").Listeners!.Value[0].Address);

    [Theory]
    [InlineData("", "form")]
    [InlineData("3", "form")]
    [InlineData("3=tcp:", "form")]
    [InlineData("2=tcp:127.0.0.1:80", "descriptor")]
    [InlineData("-3=tcp:127.0.0.1:80", "descriptor")]
    [InlineData("3=udp:127.0.0.1:80", "neither")]
    [InlineData("3=tcp:127.0.0.1", "neither")]
    [InlineData("3=tcp:localhost:80", "neither")]
    [InlineData("3=tcp:127.0.0.1:99999", "neither")]
    [InlineData("3=unix:relative.sock", "neither")]
    [InlineData("3=tcp:127.0.0.1:80;", "form")]
    [InlineData("3=tcp:127.0.0.1:80;3=unix:/a", "twice")]
    public void Anything_else_is_refused_with_the_reason(string text, string reason)
    {
        var (listeners, error) = PassedListener.Parse(text);

        Assert.Null(listeners);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }
}
