using Helix.Core.Sandbox;

namespace Helix.Core.Tests.Sandbox;

/// <summary>Where limits can be set, read from the kernel's own words.</summary>
public class ControlGroupPlaceTests
{
    [Fact]
    public void The_second_version_has_one_tree_and_groups_stand_beside_ones_own()
    {
        var place = Assert.Single(ControlGroupPlace.Of("30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n", "0::/user.slice/app.slice/helix.service\n"));

        Assert.True(place.IsUnified);
        Assert.Equal(["/sys/fs/cgroup/user.slice/app.slice", "/sys/fs/cgroup"], place.Parents);
    }

    [Fact]
    public void The_first_version_has_a_tree_for_each_resource_and_groups_lie_in_ones_own()
    {
        var places = ControlGroupPlace.Of(
            "33 32 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n34 32 0:29 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n35 32 0:30 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n",
            "8:pids:/\n4:memory:/box/1\n7:blkio:/\n");

        Assert.Equal([("memory", "/sys/fs/cgroup/memory/box/1"), ("pids", "/sys/fs/cgroup/pids")], places.Select(place => (Assert.Single(place.Resources), Assert.Single(place.Parents))));
        Assert.All(places, place => Assert.False(place.IsUnified));
    }

    [Fact]
    public void What_a_container_shows_of_the_tree_is_taken_off_the_name()
    {
        var place = Assert.Single(ControlGroupPlace.Of("33 32 0:28 /docker/7 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "4:memory:/docker/7\n"));

        Assert.Equal(["/sys/fs/cgroup/memory"], place.Parents);
    }
}
