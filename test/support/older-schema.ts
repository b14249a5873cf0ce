/** The schema of MLflow 3.17.2, and the one before its last migration. */
export const newest = 'dc11669786a5';
export const older = '75868b020152';

/** What MLflow does to an empty database, up to an older revision. */
export const makeOlder = `
import os
from alembic import command
from mlflow.store.db.utils import _get_alembic_config, create_sqlalchemy_engine
from mlflow.store.tracking.dbmodels.initial_models import Base
uri = os.environ['MLFLOW_BACKEND_STORE_URI']
Base.metadata.create_all(create_sqlalchemy_engine(uri))
command.upgrade(_get_alembic_config(uri), '${older}')
`;
