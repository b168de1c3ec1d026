// An address that leads nowhere.
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { Empty } from "../components/states";
import { useTitle } from "../useTitle";

export function NotFoundPage() {
  useTitle("No such page");
  return (
    <div className="page">
      <Empty title="There is no such page">
        <Button component={Link} to="/" variant="default" mt="sm">
          To the inbox
        </Button>
      </Empty>
    </div>
  );
}
