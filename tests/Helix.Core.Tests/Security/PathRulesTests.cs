using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Core.Tests.Security;

public class PathRulesTests
{
    private const uint Us = 1000;

    [Theory]
    [InlineData(PathNeed.OwnerOnly, 0x1c0, null)]
    [InlineData(PathNeed.OwnerOnly, 0x180, null)]
    [InlineData(PathNeed.OwnerOnly, 0x100, null)]
    [InlineData(PathNeed.OwnerOnly, 0x1ed, 0x1c0)] // 755 → 700
    [InlineData(PathNeed.OwnerOnly, 0x1a4, 0x180)] // 644 → 600
    [InlineData(PathNeed.OwnerOnly, 0x124, 0x100)] // 444 → 400, and never more
    [InlineData(PathNeed.OwnerOnly, 0x5e8, 0x5c0)] // 2750 → 2700
    [InlineData(PathNeed.OwnerWrites, 0x1ed, null)]
    [InlineData(PathNeed.OwnerWrites, 0x1fd, 0x1ed)] // 775 → 755
    [InlineData(PathNeed.OwnerWrites, 0x1b6, 0x1a4)] // 666 → 644
    internal void Rights_are_taken_from_others_and_given_to_nobody(PathNeed need, int mode, int? expected) => Assert.Equal(expected, PathRules.Closed(new("/h/x", need, Us, mode, true), Us));

    [Fact]
    public void What_others_can_reach_is_worse_than_what_lies_behind_a_closed_folder()
    {
        Assert.Equal(Severity.Error, Of(0x1a4, isReachable: true)!.Severity);
        Assert.Equal(Severity.Critical, Of(0x1b6, isReachable: true)!.Severity);
        Assert.Equal(Severity.Info, Of(0x1b6, isReachable: false)!.Severity);
        Assert.Null(Of(0x180, isReachable: true));
    }

    [Fact]
    public void The_command_is_the_one_that_mends_it()
    {
        Assert.Equal("chmod 600 '/h/x'", Of(0x1a4, isReachable: true)!.Command);
        Assert.Equal("chmod 600 '/h/it'\\''s'", PathRules.Of(new PathFacts("/h/it's", PathNeed.OwnerOnly, Us, 0x1a4, true), Us)!.Command);
        Assert.Contains("has the rights 644", Of(0x1a4, isReachable: true)!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_somebody_else_is_told_and_not_touched()
    {
        var path = new PathFacts("/h/x", PathNeed.OwnerOnly, 1001, 0x1ff, IsReachable: true);

        var finding = PathRules.Of(path, Us)!;

        Assert.Equal((FindingNames.Owner, Severity.Critical, "sudo chown 1000 '/h/x'"), (finding.Name, finding.Severity, finding.Command));
        Assert.Null(PathRules.Closed(path, Us));
    }

    private static SecurityFinding? Of(int mode, bool isReachable) => PathRules.Of(new PathFacts("/h/x", PathNeed.OwnerOnly, Us, mode, isReachable), Us);
}
